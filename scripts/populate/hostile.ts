/** What strangers may write where a page or a terminal shows it. None of it may ever be more than text. */

const [RIGHT_TO_LEFT, POP, ZERO_WIDTH, ESCAPE, NUL, BELL] = [
  "\u202e",
  "\u202c",
  "\u200b",
  "\u001b",
  "\u0000",
  "\u0007",
];

/** Longest URL or URI that the contracts take, and longest name of a hardware model; in bytes. */
const [LONGEST_URL, LONGEST_NAME] = [256, 64];

const filled = (begin: string, length: number): string => begin.padEnd(length, "a");

/** URLs of gateways, and URIs of datasets, inputs and results. */
export const hostileUrls: readonly string[] = [
  "javascript:alert(document.domain)//https://node.example",
  'https://node.example/"><script>alert(1)</script>',
  "https://node.example/'onmouseover='alert(1)",
  '<img src=x onerror="alert(1)">',
  "data:text/html,<script>alert(1)</script>",
  `https://${RIGHT_TO_LEFT}moc.knab${POP}.example`,
  `https://node${ZERO_WIDTH}.example/${ZERO_WIDTH}`,
  `https://node.example/${ESCAPE}[2J${ESCAPE}]0;owned${BELL}${NUL}`,
  "https://bank.example@node.example/\r\nSet-Cookie: a=b",
  "https://nоde.example", // A Cyrillic letter.
  filled("https://node.example/", LONGEST_URL),
  "http://127.0.0.1:22/",
  "http://[::1]/",
  "vbscript:msgbox(1)",
  "//node.example",
  "not a URL at all",
  "https://node.example/{{constructor.constructor('alert(1)')()}}",
  '=HYPERLINK("https://node.example","a cell of a table")',
];

/** Names of hardware models. */
export const hostileNames: readonly string[] = [
  "<b onclick=alert(1)>GPU</b>",
  `${RIGHT_TO_LEFT}eroc UPG${POP}${ZERO_WIDTH}`,
  filled("</td></table>", LONGEST_NAME),
];
