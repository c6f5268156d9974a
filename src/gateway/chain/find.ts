import { readEvents } from "../../chain/history.ts";
import type { Protocol } from "../../protocol.ts";

/** Waits between attempts, until it is not wanted any more. */
async function abortablePause(milliseconds: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", stop, { once: true });
  });
}

/** The numbers of a node's orders that were opened or requested since a block, ascending. */
export async function findOrdersOf(
  { orderEscrow }: Protocol,
  node: number,
  fromBlock: number,
  signal: AbortSignal,
): Promise<number[]> {
  const history = { fromBlock, wait: async (milliseconds: number) => abortablePause(milliseconds, signal) };
  const { filters } = orderEscrow;
  const [opened, requested] = await Promise.all([
    readEvents(history, orderEscrow, filters.OrderOpened(undefined, node)),
    readEvents(history, orderEscrow, filters.OrderRequested(undefined, node)),
  ]);
  const orders = [...opened, ...requested].map(({ args }) => Number(args.orderId));
  return [...new Set(orders)].sort((a, b) => a - b);
}
