import type { TypedDataDomain } from "ethers";

import { action } from "../support/action.ts";
import { senderOf } from "../support/context.ts";
import { parseAddress } from "../support/inputs.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { domainOf, signSigningKey } from "../../src/eip712/index.ts";
import { openSigner } from "../../src/signers/open.ts";

interface Arguments {
  readonly key: string;
  readonly consent: string | undefined;
}

/** The address of the key in a file, and its consent to sign for an account. */
async function consentOf(file: string, domain: TypedDataDomain, account: string): Promise<[string, string]> {
  const signer = await openSigner({ file }, {}, "The key");
  return [signer.address, await signSigningKey(signer, domain, account)];
}

export default action(async ({ key, consent }: Arguments, context) => {
  const { chainId, book, protocol } = context;
  const account = await senderOf(context);
  const domain = domainOf("ValidatorSet", chainId, book.contracts.validatorSet);
  const [address, signature] =
    consent === undefined ? await consentOf(key, domain, account) : [parseAddress(key), consent];
  const former = await protocol.validatorSet.signingKeyOf(account);
  const terms = `${former} signs no more, for good, and stays liable for what it has signed`;
  const tx = () => protocol.validatorSet.setSigningKey.populateTransaction(address, signature);
  const sent = await transact(context, [{ title: `Sign by the key ${address}`, terms, tx }]);
  const registered = await sent.after.protocol.validatorSet.signingKeyOf(account);
  return sentOutcome(sent, {
    data: { account, former, key: registered },
    rows: [
      ["Validator", account],
      ["Signs by", registered],
      ["Signed by", former],
    ],
    next: "Name the key as `signingKey` in the service's configuration, and start it again: signatures by the former one do not count.",
  });
});
