/** The bundle: every element registered, and where the page has the app, the app over its own server. */
import './elements/app/define.js';
import { createHttpSource } from './sources/http.js';

const apps = document.querySelectorAll('hera-app');
for (const app of apps) app.source ??= createHttpSource();
// A page with the app has no style of its own; a page with single elements keeps the style it has.
if (apps.length > 0) document.adoptedStyleSheets = [...document.adoptedStyleSheets, pageSheet()];

function pageSheet(): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('html { color-scheme: light dark } body { margin: 0 }');
  return sheet;
}
