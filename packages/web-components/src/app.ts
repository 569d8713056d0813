/** The bundle that the server's page loads: every element, and the app over the page's own server. */
import './elements/app/define.js';
import { createHttpSource } from './sources/http.js';

for (const app of document.querySelectorAll('hera-app')) app.source ??= createHttpSource();
document.adoptedStyleSheets = [...document.adoptedStyleSheets, pageSheet()];

/** The page around the app has no style of its own. */
function pageSheet(): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('html { color-scheme: light dark } body { margin: 0 }');
  return sheet;
}
