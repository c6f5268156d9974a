import { isHexString } from "ethers";

import { registeredKey, tellKey } from "./registered.ts";
import { action } from "../support/action.ts";
import { senderOf } from "../support/context.ts";
import { freshKey, parsePublicKey } from "../support/encryptionKeys.ts";
import { word } from "../support/command.ts";
import { isFile, writeDocument } from "../support/inputs.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import type { PublicKey } from "../../src/data/keys.ts";
import { enumNumber } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";

const USUAL_FILE = "user.key.json";

/** The key to register, and the file that has or is to have its private key. */
interface Chosen {
  /** How the key is named: its file, or its digits. */
  readonly name: string;
  readonly publicKey: PublicKey;
  readonly file: string | undefined;
  /** The new file's content, where it is to be made. */
  readonly fresh?: object;
}

/** The key that was named; where its file is missing, a new one. */
function choose(named: string | undefined): Chosen {
  const name = named ?? USUAL_FILE;
  if (isHexString(name)) return { name, publicKey: parsePublicKey(name), file: undefined };
  if (isFile(name)) return { name, publicKey: parsePublicKey(name), file: name };
  const { document, publicKey } = freshKey("Secp256k1");
  return { name, publicKey, file: name, fresh: document };
}

export default action(async ({ key: named }: { key: string | undefined }, context) => {
  const { options, protocol } = context;
  const account = await senderOf(context);
  const { name, publicKey, file, fresh } = choose(named);
  const before = await registeredKey(context, account);
  if (before?.key === publicKey.key) {
    throw new InputError(`${account} has registered this key already`, "See `user show-key`.");
  }
  // Whoever loses the private key after it is registered cannot open what is sealed to it.
  if (fresh !== undefined && file !== undefined && !options.dryRun) writeDocument(file, fresh, { secret: true });
  const scheme = enumNumber("KeyScheme", publicKey.scheme);
  const tx = () => protocol.userRegistry.setKey.populateTransaction(scheme, publicKey.key);
  const terms = `${tellKey(before)} -> ${tellKey(publicKey)}`;
  const sent = await transact(context, [{ title: "Register the key", terms, tx }]);
  return sentOutcome(sent, {
    data: { account, key: publicKey, before: before ?? null, ...(file === undefined ? {} : { file }) },
    rows: [
      ["Account", account],
      ["Key", `${tellKey(before)} -> ${tellKey(publicKey)}`],
      ["Private key", file === undefined ? "with whoever made it" : `${file}: keep it, and show it to nobody`],
    ],
    next: `\`user show-key\` shows it; results are sealed to it where it is named: \`task publish --result-key ${word(name)}\`.`,
  });
});
