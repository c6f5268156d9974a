import { FunctionFragment, Interface, type TransactionDescription } from "ethers";

import * as abis from "../../abi/index.ts";

let coders: Map<string, Interface> | undefined;

/** The coders of all functions by their selectors, made when the first is asked for: there are many. */
function codersBySelector(): Map<string, Interface> {
  if (coders !== undefined) return coders;
  coders = new Map();
  for (const abi of Object.values(abis)) {
    const coder = new Interface(abi);
    for (const { selector } of coder.fragments.filter((fragment) => fragment instanceof FunctionFragment)) {
      coders.set(selector, coder);
    }
  }
  return coders;
}

/** Which of our contracts' functions a call is; nothing where it is another's. */
export function functionOf(data: string): TransactionDescription | undefined {
  const coder = codersBySelector().get(data.slice(0, 10));
  try {
    return coder?.parseTransaction({ data }) ?? undefined;
  } catch {
    return undefined;
  }
}
