import { enums } from "../../../src/enums.ts";
import { choose, route } from "../app/route.ts";
import { useRead } from "../chain/reading.ts";
import { Badge, Card } from "../parts/Card.tsx";
import { Choice, TextField } from "../parts/fields.tsx";
import { counted } from "../parts/format.ts";
import { Loaded } from "../parts/states.tsx";
import { amounts, numbered } from "../parts/columns.tsx";
import { Table, type Column } from "../parts/Table.tsx";
import { FromNow, Hex } from "../parts/values.tsx";
import { connected } from "../wallet/connected.ts";
import { filterOf, isOpen, isWanted } from "./filter.ts";
import { readTasks, type TaskRow } from "./tasks.ts";
import { Withdraw } from "./Withdraw.tsx";

const GOOD: ReadonlySet<string> = new Set(["Valid", "Unjudged"]);
const BAD: ReadonlySet<string> = new Set(["Invalid", "Late", "Suspended"]);

/** A task's status in its colour. */
export function Status({ status }: { readonly status: string }) {
  const kind = GOOD.has(status) ? "good" : BAD.has(status) ? "bad" : isOpen(status) ? "warning" : "plain";
  return <Badge kind={kind}>{status}</Badge>;
}

const columns: readonly Column<TaskRow>[] = [
  numbered("task", ({ taskId }) => taskId),
  { id: "status", head: "State", cell: ({ status }) => <Status status={status} />, sort: ({ status }) => status },
  {
    id: "due",
    head: "Next deadline",
    cell: ({ due }) => (due === undefined ? "–" : <FromNow at={due} />),
    sort: ({ due }) => due,
  },
  numbered("node", ({ nodeId }) => nodeId),
  {
    id: "datasets",
    head: "Datasets",
    isNumber: true,
    cell: ({ datasets }) => datasets.toString(),
    sort: ({ datasets }) => datasets,
  },
  amounts("fees", "For node and validators", ({ fees }) => fees),
  amounts("lock", "Stake behind it", ({ stakeLock }) => stakeLock),
  {
    id: "requester",
    head: "Requester",
    cell: ({ requester }) => <Hex of={requester} label="requester" />,
    sort: ({ requester }) => requester,
  },
];

function Filters({ tasks }: { readonly tasks: readonly TaskRow[] }) {
  const { query } = route.value;
  const count = (status: string): number => tasks.filter((task) => isWanted(task, { text: "", status })).length;
  const named = (status: string, word: string) => [status, `${word} (${counted(count(status), "task")})`] as const;
  return (
    <div class="filters" role="search">
      <Choice
        label="State"
        value={query.get("status") ?? ""}
        options={[
          named("", "All"),
          named("open", "Not over"),
          ...enums.TaskStatus.slice(1).map((status) => named(status, status)),
        ]}
        onChoose={(status) => {
          choose({ status, "tasks.page": undefined });
        }}
      />
      <TextField
        label="Search"
        value={query.get("q") ?? ""}
        placeholder="requester, node 3, task 7"
        onInput={(q) => {
          choose({ q, "tasks.page": undefined });
        }}
      />
    </div>
  );
}

/** All tasks, by state; and what they owe to whoever is connected. */
export function TasksPlace() {
  const account = connected.value?.account;
  const reading = useRead("tasks", readTasks, { blocks: 3 });
  return (
    <>
      <h1>Tasks</h1>
      <p class="faint">
        One-shot work over encrypted data: fees are escrowed, stake is locked, validators judge the result.
      </p>
      {account !== undefined && (
        <Card title="What tasks owe you" source="TaskEscrow.balanceOf">
          <Withdraw account={account} />
        </Card>
      )}
      <Card title="Tasks" source="TaskEscrow.getTask">
        <Loaded reading={reading} lines={6}>
          {(tasks) => (
            <>
              <Filters tasks={tasks} />
              <Table
                name="tasks"
                caption="Tasks"
                noun="task"
                columns={columns}
                rows={tasks.filter((task) => isWanted(task, filterOf(route.value.query)))}
                keyOf={({ taskId }) => taskId.toString()}
                sortedBy="-task"
                empty={tasks.length === 0 ? "No task was published yet." : "No task is like that. Ask for less above."}
              />
            </>
          )}
        </Loaded>
      </Card>
    </>
  );
}
