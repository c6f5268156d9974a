import { action } from "../support/action.ts";
import { parseNumber } from "../support/inputs.ts";
import { print } from "../support/terminal.ts";
import { escapeText } from "../support/terminal.ts";
import { untilInterrupted } from "./following.ts";
import { openSession, type GatewayArguments } from "./session.ts";
import { formatMilliseconds } from "./view.ts";

interface Arguments extends GatewayArguments {
  readonly order: string;
  readonly workload: string | undefined;
  readonly tail: string;
  readonly after: string | undefined;
  readonly follow: boolean;
}

interface Line {
  readonly time: number;
  readonly workload: string;
  readonly text: string;
}

const shown = ({ time, workload, text }: Line): string => `${formatMilliseconds(time)}  ${workload}  ${text}`;

export default action(async (args: Arguments, context) => {
  const { workload, after } = args;
  const { client } = await openSession(args, args.order, context);
  const query = {
    workload,
    after,
    ...(after === undefined ? { tail: Number(parseNumber(args.tail, "number of lines", 5_000n)) } : {}),
  };
  if (!args.follow || context.options.json) {
    const { lines, cursor } = await client.logs(query);
    return {
      data: { lines, cursor },
      rows: lines.map((line) => [`${formatMilliseconds(line.time)}  ${line.workload}`, line.text] as const),
      next: `\`app logs ${args.order} --after ${cursor}\`, or with --follow.`,
    };
  }
  let last = after ?? "0";
  await untilInterrupted(async (signal) => {
    for await (const line of client.followLogs(query, signal)) {
      print(escapeText(shown(line)));
      last = String(line.id);
    }
  });
  return { data: { cursor: last }, next: `\`app logs ${args.order} --after ${last} --follow\`.` };
});
