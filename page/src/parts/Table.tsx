import type { ComponentChildren } from "preact";

import { choose, route } from "../app/route.ts";
import { csvOf } from "./csv.ts";
import { download } from "./download.ts";
import { Choice } from "./fields.tsx";
import { counted } from "./format.ts";

/** What a column is sorted by. */
export type Sortable = bigint | number | string | undefined;

export interface Column<T> {
  /** Names it in URLs. */
  readonly id: string;
  readonly head: string;
  readonly cell: (row: T) => ComponentChildren;
  /** What rows are sorted by; a column without it is not sorted. */
  readonly sort?: (row: T) => Sortable;
  /** What the file for spreadsheets has, exactly; by default what rows are sorted by. */
  readonly csv?: (row: T) => string;
  readonly isNumber?: boolean;
}

export interface TableProps<T> {
  /** Names the table in URLs and files. */
  readonly name: string;
  readonly caption: string;
  readonly noun: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  /** A column's id, with "-" before it for the largest first. */
  readonly sortedBy?: string;
  readonly empty: ComponentChildren;
}

const PAGE = 50;

const compare = (a: Sortable, b: Sortable): number => {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  if (typeof a === "string" || typeof b === "string") return String(a).localeCompare(String(b));
  return a < b ? -1 : 1;
};

/** Rows in the order of a column; where it says nothing of a row, that comes last either way. */
export function sorted<T>(rows: readonly T[], columns: readonly Column<T>[], by: string): readonly T[] {
  const isDown = by.startsWith("-");
  const sort = columns.find(({ id }) => id === by.replace(/^-/, ""))?.sort;
  if (sort === undefined) return rows;
  return [...rows].sort((a, b) => {
    const [left, right] = [sort(a), sort(b)];
    if (left === undefined || right === undefined) return compare(left, right);
    return isDown ? compare(right, left) : compare(left, right);
  });
}

type Order = "ascending" | "descending" | "none";

const ARROWS: Readonly<Record<Order, string>> = { ascending: " ↑", descending: " ↓", none: "" };

/** By what a column is sorted when its head is clicked: the other way round, and the largest number first. */
function nextOf({ id, isNumber = false }: Pick<Column<unknown>, "id" | "isNumber">, order: Order): string {
  if (order === "none") return isNumber ? `-${id}` : id;
  return order === "ascending" ? `-${id}` : id;
}

function Head<T>({ column, by, name }: { readonly column: Column<T>; readonly by: string; readonly name: string }) {
  const { id, head, sort, isNumber = false } = column;
  const order = by === id ? "ascending" : by === `-${id}` ? "descending" : "none";
  const side = isNumber ? "right" : undefined;
  if (sort === undefined) {
    return (
      <th scope="col" class={side}>
        {head}
      </th>
    );
  }
  const change = (): void => {
    choose({ [`${name}.sort`]: nextOf({ id, isNumber }, order), [`${name}.page`]: undefined });
  };
  return (
    <th scope="col" class={side} aria-sort={order}>
      <button type="button" class="sort" onClick={change}>
        {head}
        <span aria-hidden="true">{ARROWS[order]}</span>
      </button>
    </th>
  );
}

/** What heads do, where there is no room for them: on a phone each row is a card. */
function Sorting<T>(props: { readonly columns: readonly Column<T>[]; readonly by: string; readonly name: string }) {
  const { columns, by, name } = props;
  const change = (value: string): void => {
    choose({ [`${name}.sort`]: value, [`${name}.page`]: undefined });
  };
  return (
    <div class="sorting">
      <Choice
        label="Sorted by"
        value={by}
        options={[
          ...(by === "" ? [["", "As it came"] as const] : []),
          ...columns
            .filter(({ sort }) => sort !== undefined)
            .flatMap(({ id, head }) => [
              [id, head + ARROWS.ascending] as const,
              [`-${id}`, head + ARROWS.descending] as const,
            ]),
        ]}
        onChoose={change}
      />
    </div>
  );
}

function Pages({ name, page, of }: { readonly name: string; readonly page: number; readonly of: number }) {
  const to = (next: number) => () => {
    choose({ [`${name}.page`]: next === 1 ? undefined : String(next) });
  };
  return (
    <nav class="pages" aria-label="Pages of the table">
      <button type="button" disabled={page <= 1} onClick={to(page - 1)}>
        Back
      </button>
      <span>
        Page {page} of {of}
      </span>
      <button type="button" disabled={page >= of} onClick={to(page + 1)}>
        Next
      </button>
    </nav>
  );
}

/** A table that people sort, page through, and take away as CSV. What they chose is in the URL. */
export function Table<T>(props: TableProps<T>) {
  const { name, caption, noun, columns, rows, keyOf, sortedBy = "", empty } = props;
  const { query } = route.value;
  const by = query.get(`${name}.sort`) ?? sortedBy;
  const pages = Math.max(1, Math.ceil(rows.length / PAGE));
  const page = Math.min(pages, Math.max(1, Number(query.get(`${name}.page`) ?? "1") || 1));
  const all = sorted(rows, columns, by);
  const shown = all.slice((page - 1) * PAGE, page * PAGE);
  const save = (): void => {
    const lines = all.map((row) => columns.map(({ csv, sort }) => csv?.(row) ?? String(sort?.(row) ?? "")));
    download(`${name}.csv`, csvOf([columns.map(({ head }) => head), ...lines]));
  };
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  return (
    <div class="table">
      <Sorting columns={columns} by={by} name={name} />
      <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
        <table>
          <caption class="hidden">{caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <Head key={column.id} column={column} by={by} name={name} />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={keyOf(row)}>
                {columns.map(({ id, cell, isNumber, head }) => (
                  <td key={id} class={isNumber === true ? "right" : undefined} data-head={head}>
                    {cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="below">
        <span>{counted(rows.length, noun)}</span>
        {pages > 1 && <Pages name={name} page={page} of={pages} />}
        <button type="button" onClick={save}>
          Save as CSV
        </button>
      </div>
    </div>
  );
}
