import { action } from "../support/action.ts";
import { word } from "../support/command.ts";
import { checkAbsent, parseNumber, writeDocument } from "../support/inputs.ts";
import { proofNetworkOf } from "../support/proofNetwork.ts";
import { pinValidators } from "../../src/view/pin.ts";
import { firstViewHash, validatorsHash } from "../../src/view/validatorSet.ts";

interface Arguments {
  readonly depth: string;
  readonly out: string;
}

export default action(async (args: Arguments, { provider, chainId, book }) => {
  checkAbsent(args.out, "Name another file with --out.");
  const { viewJudge, validatorSet, taskEscrow, nodeRegistry } = book.contracts;
  const contracts = { viewJudge, validatorSet, taskEscrow, nodeRegistry };
  const depth = Number(parseNumber(args.depth, "number of blocks", 100_000n));
  const trust = await pinValidators(proofNetworkOf(provider), { chainId, contracts }, depth);
  writeDocument(args.out, trust);
  const hash = firstViewHash(trust, validatorsHash(trust.validators));
  return {
    data: { file: args.out, height: trust.height, validators: trust.validators, firstView: hash },
    rows: [
      ["Written", args.out],
      ["Height", trust.height.toString()],
      ["Validators", String(trust.validators.length)],
      ["Their hash", hash],
    ],
    next: `\`computing-power enclave --trust ${word(args.out)} --state FILE ...\`. It is as good as the network that was asked: compare the hash with others'.`,
  };
});
