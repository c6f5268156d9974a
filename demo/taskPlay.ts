import type { NodeMachine } from "./acts/attesting.ts";
import { failTask, revokeGrant, searchForData, type FailedTask } from "./acts/failing.ts";
import {
  deliverKeys,
  grantBySignature,
  grantDirectly,
  registerData,
  tryStealing,
  type Refusal,
} from "./acts/granting.ts";
import { inventTasks, type Invented } from "./acts/inventing.ts";
import { hostEnclave, PLATFORM } from "./acts/hosting.ts";
import type { Study } from "./acts/publishing.ts";
import { trainAndPay, type JudgedTask } from "./acts/training.ts";
import { withdrawAll } from "./acts/withdrawing.ts";
import type { Narrator } from "./narrator.ts";
import { Unmet } from "./unmet.ts";
import { Workshop, type Search } from "./workshop.ts";
import type { World } from "./world.ts";

/** What the second act came to. */
export interface TaskStory {
  readonly study: Study;
  readonly valid: JudgedTask;
  readonly invented: Invented;
  readonly failed: FailedTask;
  readonly refused: readonly Refusal[];
  readonly search: Search;
}

/** What the second act needs of the first. */
export interface Stage {
  readonly world: () => World;
  /** A node that is live and has no grant. */
  readonly otherNode: () => NodeMachine;
}

/** A step, to be played when it is its turn. */
interface Step {
  readonly title: string;
  readonly play: (narrator: Narrator) => Promise<void>;
}

/** The second act: two data owners, one requester, a task that is judged valid and one that fails. */
export class TaskPlay {
  readonly #stage: Stage;
  #workshop: Workshop | undefined;
  #study: Study | undefined;
  #valid: JudgedTask | undefined;
  #invented: Invented | undefined;
  #failed: FailedTask | undefined;
  #search: Search | undefined;
  readonly #refused: Refusal[] = [];

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  get acts(): Step[] {
    return [
      {
        title: "Two owners grant their encrypted data to an enclave",
        play: async (narrator) => this.#grant(narrator),
      },
      {
        title: "A task over data nobody sees: trained, judged valid, paid",
        play: async (narrator) => {
          this.#valid = await trainAndPay(this.#on, this.#theStudy, narrator);
        },
      },
      {
        title: "The host makes tasks up to find out rows: it gets none",
        play: async (narrator) => {
          this.#invented = await inventTasks(this.#on, this.#theStudy.node, narrator);
          this.#refused.push(...this.#invented.refusals);
        },
      },
      {
        title: "A task that fails: its node pays",
        play: async (narrator) => this.#fail(narrator),
      },
      {
        title: "Owners, host, researcher and validators withdraw",
        play: async (narrator) => withdrawAll(this.#on, narrator),
      },
    ];
  }

  async #grant(narrator: Narrator): Promise<void> {
    const world = this.#on;
    narrator.tell("the enclave program starts");
    this.#workshop = await Workshop.open(PLATFORM);
    const node = await hostEnclave(world, this.#workshop, narrator);
    const first = await registerData(world, node, "hospital", narrator);
    await grantDirectly(world, node, first, narrator);
    const second = await registerData(world, node, "clinic", narrator);
    await grantBySignature(world, node, second, narrator);
    this.#study = { node, data: await deliverKeys(world, node, [first, second], narrator) };
    narrator.say("nobody else gets at the data:");
    this.#refused.push(...(await tryStealing(world, node, this.#stage.otherNode(), first, narrator)));
  }

  async #fail(narrator: Narrator): Promise<void> {
    this.#failed = await failTask(this.#on, this.#theStudy, narrator);
    this.#refused.push(await revokeGrant(this.#on, this.#theStudy, narrator));
    this.#search = searchForData(this.#theStudy, narrator);
  }

  get #on(): World {
    return this.#stage.world();
  }

  get #theStudy(): Study {
    if (this.#study === undefined) throw new Unmet("No data are granted");
    return this.#study;
  }

  /** What came of it, once all is played. */
  outcome(): TaskStory {
    const [valid, invented, failed, search] = [this.#valid, this.#invented, this.#failed, this.#search];
    if (!valid || !invented || !failed || !search) throw new Unmet("The tasks ended too soon");
    return { study: this.#theStudy, valid, invented, failed, refused: this.#refused, search };
  }

  /** Ends the enclave program and removes its folder, however far the play came. */
  async end(): Promise<void> {
    await this.#workshop?.close();
  }
}
