import type { ComponentChildren } from "preact";

import type { Reading } from "../chain/reading.ts";
import { Card } from "./Card.tsx";
import { Loaded } from "./states.tsx";
import { Table, type TableProps } from "./Table.tsx";

/** A part of a place that is a table of what was read. */
export function TableCard<T>(
  props: Omit<TableProps<T>, "rows"> & {
    readonly title: string;
    /** Where its numbers come from, in a few words. */
    readonly source: string;
    readonly reading: Reading<readonly T[]>;
    /** Lines that stand in its place until it is read. */
    readonly lines?: number;
    /** What is said above the table. */
    readonly children?: ComponentChildren;
  },
) {
  const { title, source, reading, lines, children, ...table } = props;
  return (
    <Card title={title} source={source}>
      {children}
      <Loaded reading={reading} {...(lines === undefined ? {} : { lines })}>
        {(rows) => <Table {...table} rows={rows} />}
      </Loaded>
    </Card>
  );
}
