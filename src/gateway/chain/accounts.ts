import { concat } from "ethers";

/** What a contract answers for a good signature (ERC-1271): the selector of its view, in a whole word. */
export const GOOD_SIGNATURE = concat(["0x1626ba7e", new Uint8Array(28)]);

/** Reads of accounts what checking their signatures needs, at the newest block. */
export interface AccountReader {
  /**
   * @returns The account's code in hex, `0x` where it has none.
   * @throws {Problem} `chain-unreachable`, when no endpoint answers.
   */
  codeOf(account: string): Promise<string>;
  /**
   * Calls a contract's view.
   *
   * @returns What it returned in hex; undefined where it reverted.
   * @throws {Problem} `chain-unreachable`, when no endpoint answers.
   */
  callView(to: string, data: string): Promise<string | undefined>;
}
