/**
 * Where a stranger's URL leads, if it may be a link: by HTTPS (or HTTP, on a local chain), with no name before the host that could be taken
 * for it, and to a host that is seen from end to end.
 *
 * @param longest So many characters of it are shown.
 */
export function destinationOf(url: string, chainId: bigint, longest: number): string | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || parsed.username !== "" || parsed.password !== "") return undefined;
  if (parsed.origin.length >= longest) return undefined;
  return parsed.protocol === "https:" || (chainId === 31337n && parsed.protocol === "http:") ? parsed.href : undefined;
}
