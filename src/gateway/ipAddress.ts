import ipaddr from "ipaddr.js";

/** An IP address, read. */
export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/** An address, IPv4 in IPv6 as IPv4; undefined where the text is none. Short, octal and decimal forms are none. */
export function parseAddress(text: string): IpAddress | undefined {
  const bare = text.split("%", 1)[0] ?? "";
  if (!ipaddr.IPv4.isValidFourPartDecimal(bare) && !ipaddr.IPv6.isValid(bare)) return undefined;
  return ipaddr.process(bare);
}

/** Whether an address is this machine's loopback: of 127.0.0.0/8, or ::1, in every form of them. */
export function isLoopback(text: string): boolean {
  return parseAddress(text)?.range() === "loopback";
}
