import { action } from "../support/action.ts";
import { parseNumber } from "../support/inputs.ts";
import { print } from "../support/terminal.ts";
import { escapeText } from "../../src/terminalText.ts";
import { untilInterrupted } from "./following.ts";
import { openSession, type GatewayArguments } from "./session.ts";
import { formatMilliseconds } from "./view.ts";
import { parseDuration } from "../../src/amounts.ts";
import type { PageQuery } from "../../src/gateway/client/orderClient.ts";

interface Arguments extends GatewayArguments {
  readonly order: string;
  readonly workload: string | undefined;
  readonly tail: string | undefined;
  readonly since: string | undefined;
  readonly after: string | undefined;
  readonly follow: boolean;
}

interface Line {
  readonly time: number;
  readonly workload: string;
  readonly text: string;
}

/** The lines that are shown unless it is said otherwise, and the most that a gateway gives at once. */
const [USUAL, MOST] = [100, 5_000] as const;

/** What of the lines is asked for. */
function queryOf({ workload, after, tail, since }: Arguments): PageQuery {
  const sinceSeconds = since === undefined ? undefined : Number(parseDuration(since));
  if (after !== undefined) return { workload, after, sinceSeconds };
  const usual = since === undefined ? USUAL : MOST;
  const lines = tail === undefined ? usual : Number(parseNumber(tail, "number of lines", BigInt(MOST)));
  return { workload, tail: lines, sinceSeconds };
}

const shown = ({ time, workload, text }: Line): string => `${formatMilliseconds(time)}  ${workload}  ${text}`;

export default action(async (args: Arguments, context) => {
  const query = queryOf(args);
  const { client } = await openSession(args, args.order, context);
  if (!args.follow || context.options.json) {
    const { lines, cursor } = await client.logs(query);
    return {
      data: { lines, cursor },
      rows: lines.map((line) => [`${formatMilliseconds(line.time)}  ${line.workload}`, line.text] as const),
      next: `\`app logs ${args.order} --after ${cursor}\`, or with --follow.`,
    };
  }
  let last = args.after ?? "0";
  await untilInterrupted(async (signal) => {
    for await (const line of client.followLogs(query, signal)) {
      print(escapeText(shown(line)));
      last = String(line.id);
    }
  });
  return { data: { cursor: last }, next: `\`app logs ${args.order} --after ${last} --follow\`.` };
});
