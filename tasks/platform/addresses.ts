import { action } from "../support/action.ts";

export default action(async (_args: object, { book }) => {
  return Promise.resolve({
    data: book,
    rows: [
      ["network", book.network],
      ["chainId", String(book.chainId)],
      ...Object.entries(book.contracts).map(([name, address]) => [name, address] as const),
    ],
    next: "`platform status`.",
  });
});
