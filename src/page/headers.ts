/**
 * What a browser may do for the page, as its own file has it too. Scripts and styles are files of the page alone, and nothing else is loaded;
 * only what is asked for as data may come from elsewhere: from gateways and RPC endpoints over https, or on the reader's own machine.
 */
export const META_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self' https: http://localhost:* http://127.0.0.1:*",
  "base-uri 'none'",
  "form-action 'none'",
  // No text becomes HTML or script, whatever library handles it.
  "require-trusted-types-for 'script'",
  // And nobody can say that it may.
  "trusted-types 'none'",
].join("; ");

/** What a server says of it: also that nobody may frame it, which browsers take from no file. */
export const PAGE_POLICY = `${META_POLICY}; frame-ancestors 'none'`;

/** Of what a browser has, the page asks for the clipboard alone. */
const UNUSED = [
  ...["accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen"],
  ...["geolocation", "gyroscope", "hid", "magnetometer", "microphone", "midi", "payment", "picture-in-picture"],
  ...["publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"],
];

/** The headers of every answer with a file of the page, whoever serves it; docs/page.md shows them for other servers. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": PAGE_POLICY,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  // Wallets may open windows; whoever opened the page has no hold of it.
  "cross-origin-opener-policy": "same-origin-allow-popups",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": UNUSED.map((feature) => `${feature}=()`).join(", "),
};

/** How long a browser may keep a file: for ever where its name changes with what is in it; else it asks each time. */
export const CACHE = { named: "public, max-age=31536000, immutable", other: "no-cache" } as const;

/** Whether a file's name changes with what is in it. */
export function isNamedByContent(path: string): boolean {
  return /^assets\/.+-[A-Za-z0-9_-]{8}\.[a-z0-9]+$/.test(path);
}
