import { HDNodeWallet } from "ethers";

/** The phrase of Hardhat's own accounts, which everybody knows. */
const PUBLIC_PHRASE = "test test test test test test test test test test test junk";
const PATH = "m/44'/60'/0'/0";
/** So many accounts Hardhat gives everybody. */
const COUNT = 20;

/** The keys of Hardhat's own accounts, by address. */
export function publicKeys(): Map<string, string> {
  const root = HDNodeWallet.fromPhrase(PUBLIC_PHRASE, "", PATH);
  const accounts = Array.from({ length: COUNT }, (_, index) => root.deriveChild(index));
  return new Map(accounts.map(({ address, privateKey }) => [address, privateKey]));
}
