/**
 * The origin of a gateway that a browser may ask: by HTTPS, or on a local chain this machine's own.
 *
 * @returns Nothing for any other URL.
 */
export function askableOrigin(url: string, chainId: bigint): string | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isLocal =
    chainId === 31337n && parsed?.protocol === "http:" && /^(localhost|127\.0\.0\.1)$/.test(parsed.hostname);
  return parsed !== undefined && (parsed.protocol === "https:" || isLocal) ? parsed.origin : undefined;
}
