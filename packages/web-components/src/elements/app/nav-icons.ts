/** Outline icons of the pages, 20 by 20. */
import { svg } from 'lit';

const stroke = 'currentColor';

/** By page. */
export const NAV_ICONS = {
  now: svg`<path d="M2.5 11h3.2l2-5.5 4 10 2.2-6.5 1 2h2.6" fill="none" stroke=${stroke} stroke-width="1.5"
    stroke-linejoin="round" stroke-linecap="round"/>`,
  jobs: svg`<path d="M3.5 5h2M3.5 10h2M3.5 15h2M8.5 5h8M8.5 10h8M8.5 15h8" fill="none" stroke=${stroke}
    stroke-width="1.5" stroke-linecap="round"/>`,
  runs: svg`<path d="M4 3.8 8.6 7 4 10.2ZM11 7h6M4 14.5h13M11 10.8h6" fill="none" stroke=${stroke}
    stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round"/>`,
  graph: svg`<path d="M7 5.5h3.5v9H13M7 10h6" fill="none" stroke=${stroke} stroke-width="1.5"/>
    <rect x="2.8" y="3.5" width="4.2" height="4" rx="1" fill="none" stroke=${stroke} stroke-width="1.5"/>
    <rect x="13" y="8" width="4.2" height="4" rx="1" fill="none" stroke=${stroke} stroke-width="1.5"/>
    <rect x="13" y="12.8" width="4.2" height="4" rx="1" fill="none" stroke=${stroke} stroke-width="1.5"/>
    <rect x="2.8" y="8.6" width="4.2" height="4" rx="1" fill="none" stroke=${stroke} stroke-width="1.5"/>`,
} as const;
