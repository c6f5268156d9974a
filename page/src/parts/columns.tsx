import { href } from "../app/route.ts";
import type { Column } from "./Table.tsx";
import { Amount } from "./values.tsx";

/** What has a number on the chain and a place of its own on the page. */
const HEADS = { dataset: "Dataset", node: "Node", order: "Order", task: "Task" } as const;

/** What something is called by its number, as the way to its place. */
export function Numbered({ kind, id }: { readonly kind: keyof typeof HEADS; readonly id: bigint }) {
  return (
    <a href={href(`${kind}/${id.toString()}`)}>
      {HEADS[kind]} {id.toString()}
    </a>
  );
}

/** A column of what has a number, each leading to its place. */
export function numbered<T>(kind: keyof typeof HEADS, idOf: (row: T) => bigint): Column<T> {
  return { id: kind, head: HEADS[kind], cell: (row) => <Numbered kind={kind} id={idOf(row)} />, sort: idOf };
}

/** A column of amounts of the platform's token, in base units. */
export function amounts<T>(id: string, head: string, amountOf: (row: T) => bigint): Column<T> {
  return { id, head, isNumber: true, cell: (row) => <Amount of={amountOf(row)} />, sort: amountOf };
}
