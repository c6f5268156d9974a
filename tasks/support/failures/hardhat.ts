import { EXIT, quoted, whereNobodyAnswers, type Failure } from "./failure.ts";
import type { Thrown } from "../../../src/causes.ts";

/** An error of Hardhat, by what it says of itself. */
interface HardhatThrown {
  readonly number: number;
  readonly errorCode: string;
  readonly formattedMessage: string;
  readonly messageArguments: Readonly<Record<string, unknown>>;
}

function isOfHardhat(thrown: Thrown): boolean {
  const { number, errorCode, formattedMessage } = thrown;
  return typeof number === "number" && typeof errorCode === "string" && typeof formattedMessage === "string";
}

/** What is told in other words than Hardhat's. */
interface Told {
  readonly exitCode?: number;
  readonly cause: string;
  readonly remedy: string;
}

const BUILD = "Run `npx hardhat build` first.";
const FUND = "Send it some of the chain's coin, then run it again.";
const RUNNING = "Check that the node runs, the connection, and the network's `url` in the Hardhat configuration.";
const ACCOUNTS = "Give the network the account's key in the Hardhat configuration (`networks`, `accounts`).";
const VALUE = "Correct the environment variable, or the keystore's value with `npx hardhat keystore set`.";

const TELLERS: Readonly<Record<number, (args: Readonly<Record<string, unknown>>, network: string) => Told>> = {
  7: ({ name }) => ({
    cause: `The configuration variable "${String(name)}" is not set.`,
    remedy: `Set it as an environment variable, or with \`npx hardhat keystore set ${String(name)}\`.`,
  }),
  28: ({ configVariable }) => ({ cause: `The value of ${String(configVariable)} is not a URL.`, remedy: VALUE }),
  29: ({ configVariable }) => ({ cause: `The value of ${String(configVariable)} is not a number.`, remedy: VALUE }),
  30: ({ configVariable }) => ({ cause: `The value of ${String(configVariable)} is not hexadecimal.`, remedy: VALUE }),
  700: ({ networkName }) => ({
    cause: `The \`url\` of the network "${String(networkName)}" is not a URL.`,
    remedy: "Correct it in the Hardhat configuration.",
  }),
  702: ({ response }, network) => ({
    exitCode: EXIT.network,
    cause: `The network "${network}" answers with something else than JSON-RPC: "${quoted(response)}".`,
    remedy: RUNNING,
  }),
  703: ({ network }) => ({
    exitCode: EXIT.network,
    cause: `Nothing answers at the \`url\` of the network "${String(network)}".`,
    remedy: whereNobodyAnswers(String(network), RUNNING),
  }),
  704: (_, network) => ({
    exitCode: EXIT.network,
    cause: `The network "${network}" does not answer in time.`,
    remedy: RUNNING,
  }),
  705: ({ networkName }) => ({
    cause: `The Hardhat configuration has no network "${String(networkName)}".`,
    remedy: "Add it there under `networks`, or give another one with --network.",
  }),
  708: ({ configChainId, connectionChainId }, network) => ({
    cause: `The network "${network}" is chain ${String(connectionChainId)}, not ${String(configChainId)} as the Hardhat configuration says.`,
    remedy: "Correct the network's `url` or `chainId` there.",
  }),
  709: (_, network) => ({ cause: `The network "${network}" has no account to act with.`, remedy: ACCOUNTS }),
  716: ({ account }, network) => ({
    cause: `The network "${network}" does not hold the key of ${String(account)}.`,
    remedy: ACCOUNTS,
  }),
  1000: ({ contractName }) => ({ cause: `The contract ${String(contractName)} has not been compiled.`, remedy: BUILD }),
  10407: ({ sender, amount }) => ({
    cause: `The account ${String(sender)} has less than ${String(amount)} wei of the chain's coin.`,
    remedy: FUND,
  }),
  10408: ({ sender }) => ({
    cause: `The account ${String(sender)} has too little of the chain's coin to deploy a contract.`,
    remedy: FUND,
  }),
  50000: () => ({
    cause: "The password of the keystore is wrong, or the keystore's file is damaged.",
    remedy: "Run it again with the right password, or set the configuration variables as environment variables.",
  }),
};

function tellOf(error: HardhatThrown, network: string): Told {
  const { number, errorCode, formattedMessage, messageArguments } = error;
  const teller = Object.hasOwn(TELLERS, number) ? TELLERS[number] : undefined;
  if (teller !== undefined) return teller(messageArguments, network);
  return { cause: quoted(formattedMessage, 1000), remedy: `Hardhat explains it at https://hardhat.org/${errorCode}.` };
}

/** The failure that an error of Hardhat or of one of its plugins is; nothing for any other. */
export function hardhatFailure(thrown: Thrown, network: string): Failure | undefined {
  if (isOfHardhat(thrown)) {
    const error = thrown as unknown as HardhatThrown;
    const { exitCode = EXIT.input, cause, remedy } = tellOf(error, network);
    return { exitCode, name: error.errorCode, cause, remedy };
  }
  const { pluginId, name, message } = thrown;
  if (typeof pluginId !== "string" || name !== "HardhatPluginError") return undefined;
  const remedy = `It comes from the plugin "${pluginId}": see its documentation.`;
  return { exitCode: EXIT.input, name, cause: quoted(message, 1000), remedy };
}
