import { action } from "../support/action.ts";
import { print } from "../support/terminal.ts";
import { escapeText } from "../../src/terminalText.ts";
import { untilInterrupted } from "./following.ts";
import { openSession, type GatewayArguments } from "./session.ts";
import { formatMilliseconds } from "./view.ts";

interface Arguments extends GatewayArguments {
  readonly order: string;
  readonly after: string | undefined;
  readonly follow: boolean;
}

export default action(async (args: Arguments, context) => {
  const { after } = args;
  const { client } = await openSession(args, args.order, context);
  if (!args.follow || context.options.json) {
    const { events, cursor } = await client.events({ after });
    const lines = events.map(({ time, kind, reason, detail }) => [formatMilliseconds(time), kind, reason, detail]);
    return {
      data: { events, cursor },
      rows: lines.length === 0 ? [["Events", "none"]] : [],
      table: lines.length === 0 ? [] : [["Time", "Kind", "Event", "Detail"], ...lines],
      next: `\`app events ${args.order} --after ${cursor}\`, or with --follow.`,
    };
  }
  let last = after ?? "0";
  await untilInterrupted(async (signal) => {
    for await (const { id, time, kind, reason, detail } of client.followEvents({ after }, signal)) {
      print(escapeText(`${formatMilliseconds(time)}  ${kind}  ${reason}  ${detail}`));
      last = String(id);
    }
  });
  return { data: { cursor: last }, next: `\`app events ${args.order} --after ${last} --follow\`.` };
});
