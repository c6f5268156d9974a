/**
 * Blocks of IPv4 addresses that are not the internet's, in CIDR notation: what RFC 6890 and its registry reserve, metadata services (link-local)
 * among them; the relays of 6to4 (RFC 7526); and Azure's host, which looks public and answers every virtual machine. Nothing that a stranger
 * chose may connect to them: no request of the gateway's, and no container.
 */
export const CLOSED_IPV4: readonly string[] = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12"],
  ...["192.0.0.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"],
];
