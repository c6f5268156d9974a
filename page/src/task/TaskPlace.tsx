import { ZeroHash } from "ethers";

import { stateOf, type TaskView } from "../../../src/facts/task.ts";
import { href, idOf, route } from "../app/route.ts";
import { useRead } from "../chain/reading.ts";
import { inWords } from "../data/plans.tsx";
import { Card } from "../parts/Card.tsx";
import { Numbered } from "../parts/columns.tsx";
import { Commands } from "../parts/Commands.tsx";
import { Empty, Loaded } from "../parts/states.tsx";
import { Amount, Duration, Facts, ForeignLink, FromNow, Hex, Time } from "../parts/values.tsx";
import { Measurement } from "../parts/Measurement.tsx";
import { Doing } from "../wallet/Doing.tsx";
import { connected } from "../wallet/connected.ts";
import { isOpen } from "./filter.ts";
import { MoneyCard } from "./MoneyCard.tsx";
import { cancelPlan, expirePlan } from "./plans.tsx";
import { Status } from "./TasksPlace.tsx";
import { readTask, type TaskStory } from "./tasks.ts";
import { Withdraw } from "./Withdraw.tsx";

function Deadlines({ task }: { readonly task: TaskView }) {
  const { status, acceptBy, acceptedAt, leastDuration, resultDue, verdictDue, resultHash } = task;
  if (!isOpen(status)) return null;
  const hasResult = resultHash !== ZeroHash;
  return (
    <Card title="Deadlines" source="TaskEscrow.getTask and NodeRegistry.suspendedSeconds">
      <Facts
        rows={[
          acceptedAt === 0n
            ? ["The node accepts before", <FromNow at={acceptBy} />]
            : [hasResult ? "Submitted" : "Accepted", <FromNow at={acceptedAt} />],
          ...(hasResult
            ? []
            : ([
                ...(leastDuration === 0n
                  ? []
                  : ([["No result before, from the acceptance", <Duration of={leastDuration} />]] as const)),
                ["The result is due", <FromNow at={resultDue} />],
              ] as const)),
          ["The verdict is due", <FromNow at={verdictDue} />],
        ]}
      />
    </Card>
  );
}

/** Why an account cannot take a task back; undefined where it can. */
function whyNotCancel({ requester, acceptBy, now }: TaskView, account: string | undefined): string | undefined {
  if (account === undefined || account === requester || now >= acceptBy) return undefined;
  return "Only its requester can, until the node's time to accept is over.";
}

function Actions({ task }: { readonly task: TaskView }) {
  const account = connected.value?.account;
  const { words, next, isOverdue } = stateOf(task);
  return (
    <Card title="What you can do">
      {task.status === "Published" && (
        <Doing name="Cancel it" plan={() => cancelPlan(task)} whyNot={whyNotCancel(task, account)} />
      )}
      {(task.status === "Accepted" || task.status === "Submitted") && (
        <Doing
          name="End it: its time is over"
          plan={() => expirePlan(task)}
          whyNot={isOverdue ? undefined : `Not yet: ${words}.`}
        />
      )}
      {account !== undefined && <Withdraw account={account} />}
      <p class="hint">
        Next: <Commands text={next} />
      </p>
    </Card>
  );
}

function Terms({ story }: { readonly story: TaskStory }) {
  const { task, inputUri } = story;
  return (
    <Card title="Terms" source="TaskEscrow.getTask, datasetsOf and TaskPublished">
      <Facts
        rows={[
          ["Requester", <Hex of={task.requester} label="requester" />],
          ["Node", <Numbered kind="node" id={task.nodeId} />],
          ["Provider", <Hex of={task.provider} label="provider" />],
          ["Measurement of its code", <Measurement of={task.mrEnclave} />],
          ["Its attestation must be", inWords(task.demand)],
          ...task.datasets.map(({ datasetId, price, owner }) => {
            const id = datasetId.toString();
            return [
              `Dataset ${id}`,
              <>
                <a href={href(`dataset/${id}`)}>{id}</a> for <Amount of={price} /> to{" "}
                <Hex of={owner} label={`owner of dataset ${id}`} />
              </>,
            ] as const;
          }),
          ["For the node", <Amount of={task.nodeFee} />],
          ["For the signers of the verdict", <Amount of={task.validatorFee} />],
          ["Stake behind it", <Amount of={task.stakeLock} />],
          ["In escrow now", <Amount of={task.escrowed} />],
          ["Accepted before", <Time at={task.acceptBy} />],
          ["Result by", <Time at={task.resultBy} />],
          ["Verdict by", <Time at={task.verdictBy} />],
          ["Hash of the sealed inputs", <Hex of={task.inputHash} label="hash of the inputs" />],
          ["Where the sealed inputs are", <ForeignLink url={inputUri} />],
          ["Hash of the terms", <Hex of={task.termsHash} label="hash of the terms" />],
        ]}
      />
    </Card>
  );
}

function Result({ story: { task, resultUri, signers } }: { readonly story: TaskStory }) {
  if (task.resultHash === ZeroHash) return null;
  return (
    <Card title="Result" source="TaskEscrow: ResultSubmitted and VerdictGiven">
      <Facts
        rows={[
          ["Hash of the sealed result", <Hex of={task.resultHash} label="hash of the result" />],
          ["Where the sealed result is", <ForeignLink url={resultUri} />],
          [
            "Verdict signed by",
            signers.length === 0
              ? "nobody yet"
              : signers.map(({ signer, amount }) => (
                  <div key={signer}>
                    <Hex of={signer} label="signer" />, who got <Amount of={amount} />
                  </div>
                )),
          ],
        ]}
      />
    </Card>
  );
}

/** A task: how it stands, its terms and deadlines, its result, and the way of its money. */
export function TaskPlace() {
  const taskId = idOf(route.value);
  if (taskId === undefined) return <Empty>Name a task by its number.</Empty>;
  return <KnownTask taskId={taskId} />;
}

function KnownTask({ taskId }: { readonly taskId: bigint }) {
  const reading = useRead(`task ${taskId.toString()}`, async (chain) => readTask(chain, taskId));
  return (
    <Loaded reading={reading} lines={8}>
      {(story) => (
        <>
          <h1>
            Task {taskId.toString()} <Status status={story.task.status} />
          </h1>
          <p class="words">
            <Commands text={stateOf(story.task).words} />
          </p>
          <Deadlines task={story.task} />
          <Actions task={story.task} />
          <MoneyCard task={story.task} flows={story.flows} />
          <Result story={story} />
          <Terms story={story} />
        </>
      )}
    </Loaded>
  );
}
