/** A manifest's URL for events, which go to others as well: without its query, in which people put what lets them in. */
export function shownUrl(text: string): string {
  if (!URL.canParse(text)) return "a manifest";
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname}`;
}
