import { decodeRlp } from "ethers";

/** The library's, whose results are looked at before they are used. */
const decode: (data: string) => unknown = decodeRlp;

/** What RLP stands for: bytes in hex, or a list of such; undefined for what is no RLP. */
export function readRlp(data: string): unknown {
  try {
    return decode(data);
  } catch {
    return undefined;
  }
}
