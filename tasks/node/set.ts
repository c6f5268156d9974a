import { action } from "../support/action.ts";
import { senderOf, type PlatformContext } from "../support/context.ts";
import { parseId, parseUrl } from "../support/inputs.ts";
import { sentOutcome, transact, type Step } from "../support/transact.ts";
import { formatRate, parseRate } from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments {
  readonly node: string;
  readonly price: string | undefined;
  readonly url: string | undefined;
}

/** A value that is to be replaced. */
interface Setting {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly step: Step;
}

/** A node as its provider may change it. */
async function ownNode(context: PlatformContext, nodeId: bigint) {
  const { nodeRegistry } = context.protocol;
  const [{ provider, ratePerUnit, enclaveKey }, url] = await Promise.all([
    nodeRegistry.getNode(nodeId),
    nodeRegistry.urlOf(nodeId),
  ]);
  const address = await senderOf(context);
  if (provider === address) return { nodeId, enclaveKey, ratePerUnit, url };
  const problem = `Node ${nodeId.toString()} belongs to ${provider}, not to ${address}`;
  throw new InputError(problem, "Name its provider with --account.");
}

type OwnNode = Awaited<ReturnType<typeof ownNode>>;

function priceSetting({ protocol, token }: PlatformContext, node: OwnNode, rate: bigint): Setting {
  const tell = (each: bigint): string => `${formatRate(each, token.decimals)} ${token.symbol}`;
  const [from, to] = [tell(node.ratePerUnit), tell(rate)];
  const tx = () => protocol.nodeRegistry.setRate.populateTransaction(node.nodeId, node.enclaveKey, rate);
  const step = { title: "Set the price", terms: `${from} -> ${to} a unit`, tx };
  return { name: "Price of a unit", from, to, step };
}

function urlSetting({ protocol }: PlatformContext, node: OwnNode, url: string): Setting {
  const tx = () => protocol.nodeRegistry.setUrl.populateTransaction(node.nodeId, node.enclaveKey, url);
  const step = { title: "Set the gateway's URL", terms: `${node.url} -> ${url}`, tx };
  return { name: "Gateway", from: node.url, to: url, step };
}

/** What is to be replaced, and by what; what is like that already is left out. */
async function settingsFor(context: PlatformContext, nodeId: bigint, args: Arguments): Promise<Setting[]> {
  const rate = args.price === undefined ? undefined : parseRate(args.price, context.token.decimals);
  const url = args.url === undefined ? undefined : parseUrl(args.url);
  if (rate === undefined && url === undefined) {
    throw new InputError("Nothing to set was given", "Give --price, such as 0.5, or --url, or both.");
  }
  const node = await ownNode(context, nodeId);
  const settings = [
    rate === undefined ? undefined : priceSetting(context, node, rate),
    url === undefined ? undefined : urlSetting(context, node, url),
  ];
  const changing = settings.filter((each) => each !== undefined).filter(({ from, to }) => from !== to);
  if (changing.length > 0) return changing;
  throw new InputError(`Node ${nodeId.toString()} is like that already`, `See \`node show ${nodeId.toString()}\`.`);
}

export default action(async (args: Arguments, context) => {
  const nodeId = parseId(args.node, "node");
  const settings = await settingsFor(context, nodeId, args);
  const steps = settings.map(({ name, from, to, step }) => ({ ...step, terms: `${name}: ${from} -> ${to}` }));
  const sent = await transact(context, steps);
  return sentOutcome(sent, {
    data: { nodeId, changes: settings.map(({ name, from, to }) => ({ name, from, to })) },
    rows: [
      ["Node", nodeId.toString()],
      ...settings.map(({ name, from, to }) => [name, `${from} -> ${to}`] as const),
      ["Open orders", "keep what they were opened with"],
    ],
    next: `sign new offers at the new price: \`offer sign ${nodeId.toString()}\`.`,
  });
});
