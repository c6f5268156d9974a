import { hexlify, randomBytes } from "ethers";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Logger } from "pino";
import { Registry } from "prom-client";

import { ValidatorApi } from "./api/app.ts";
import { PeerGuard } from "./api/peerGuard.ts";
import { addRoutes } from "./api/routes.ts";
import { begin, type Beginning } from "./beginning.ts";
import { PeerClient } from "./client.ts";
import type { ValidatorConfig } from "./config/schema.ts";
import { noSigner } from "./dry.ts";
import { SigningGate } from "./guard/gate.ts";
import { openJournal } from "./guard/journal.ts";
import { SeatWatch } from "./guard/start.ts";
import { handlersOf } from "./handlers.ts";
import { NodeGateways } from "./nodeGateway.ts";
import type { ValidatorParts } from "./parts.ts";
import { Peers } from "./peers.ts";
import { QuoteDesk } from "./quotes/desk.ts";
import { readRoot, readStakes } from "./seats.ts";
import { Reruns } from "./reruns/reruns.ts";
import { CaseStore } from "./store/cases.ts";
import { PresenceStore } from "./store/presences.ts";
import { QuoteStore } from "./store/quotes.ts";
import { validatorMigrations } from "./store/tables.ts";
import { VerdictStore } from "./store/verdicts.ts";
import { ViewStore } from "./store/views.ts";
import { VouchStore } from "./store/vouches.ts";
import { VerdictDesk } from "./verdicts/desk.ts";
import { checkSealedResult } from "./verdicts/judge.ts";
import { ViewDesk } from "./views/desk.ts";
import { addViewRoutes } from "./views/routes.ts";
import { chosenKeysIn, watchedEvents } from "./watch/feed.ts";
import { recoverOwnClaims } from "./watch/ownClaims.ts";
import { dutiesOf, work } from "./work.ts";
import type { Block } from "../chain/block.ts";
import type { ChainEndpoints } from "../chain/endpoints/chainEndpoints.ts";
import { openChainAccess } from "../chain/endpoints/open.ts";
import { EventFeed } from "../chain/feed/eventFeed.ts";
import { feeCapsOf } from "../chain/sending/config.ts";
import { noSender } from "../chain/sending/noSender.ts";
import { openSender } from "../chain/sending/openSender.ts";
import type { Sender } from "../chain/sending/sender.ts";
import { collateralSource } from "../collateral/source.ts";
import { domainOf } from "../eip712/domain.ts";
import { peerDomain } from "../eip712/peer.ts";
import { TrustedProxies } from "../gateway/http/addresses.ts";
import { createApiServer } from "../gateway/http/server.ts";
import type { Journal } from "../journal/index.ts";
import { ChainClock } from "../chain/clock.ts";
import { chainReadiness } from "../service/chainReadiness.ts";
import { endpointFailures } from "../service/endpointFailures.ts";
import type { Alarms } from "../service/alarms.ts";
import { inBackground } from "../service/background.ts";
import { readSecret } from "../service/config/secret.ts";
import { Notice } from "../service/notice.ts";
import { openAlarms } from "../service/openAlarms.ts";
import { Opened } from "../service/opened.ts";
import { remembered } from "../service/remembered.ts";
import { startStatusServer } from "../service/statusServer.ts";
import { openStore, type Database } from "../service/store/database.ts";
import { openSigner } from "../signers/open.ts";
import type { AccountSigner } from "../signers/signer.ts";

/** How a validator's service is started. */
export interface ValidatorOptions {
  readonly config: ValidatorConfig;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** Version of this software. */
  readonly version: string;
  /** Decides and says so, and signs and sends nothing. */
  readonly isDry?: boolean;
  /** Unix milliseconds; the system's clock by default. */
  readonly now?: () => number;
}

/** A validator's service that runs. */
export interface ValidatorService {
  /** Where its API listens; nowhere in a dry run. */
  readonly address: AddressInfo | undefined;
  /** Where it tells of itself. */
  readonly status: AddressInfo;
  /** Fails when it cannot go on, because somebody else acts with its key: a person has to see to that. */
  ended(): Promise<never>;
  /** Begins nothing more, and leaves what is under way where the next start finds it. */
  close(): Promise<void>;
}

/** Milliseconds for which the seats and the root are not read again, and for a whole request: the largest has little more than a MiB. */
const [SEATS_LIFE, ROOT_LIFE, REQUEST_TIME] = [5_000, 600_000, 60_000] as const;

/** All that the service's parts work with. */
interface Stage {
  readonly options: Required<ValidatorOptions>;
  readonly opened: Opened;
  readonly database: Database;
  readonly registry: Registry;
  readonly alarms: Alarms;
  readonly chain: ChainEndpoints;
  /** The account's. */
  readonly signer: AccountSigner;
  /** What the seat signs with. */
  readonly key: AccountSigner;
  readonly journal: Journal;
}

/**
 * Starts a validator's service: makes sure that its journal is whole and that nobody else acts with its key, then does all that a validator does.
 * The API answers from the beginning; nothing is signed or sent before that is sure.
 *
 * @throws {InputError} For a configuration that does not fit, a journal that is an older copy, or a database or key that is in use.
 */
export async function startValidator(options: ValidatorOptions): Promise<ValidatorService> {
  const opened = new Opened();
  try {
    return await start({ now: Date.now, isDry: false, ...options }, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function start(options: Required<ValidatorOptions>, opened: Opened): Promise<ValidatorService> {
  const { config, environment, log, now, isDry } = options;
  // What a dry run finds out is forgotten.
  const file = isDry ? ":memory:" : join(config.data, "validator.db");
  const database = opened.add(openStore(file, { owner: "validator", migrations: validatorMigrations }), (each) => {
    each.close();
  });
  const { alarms, registry } = openAlarms({ service: "validator", config, environment, database, log, now }, opened);
  const passedOver = endpointFailures(registry, log);
  const chain = opened.add(openChainAccess(config.chain, { now, passedOver }), (each) => {
    each.close();
  });
  const signer = await openSigner(config.signer, environment);
  const { signingKey } = config;
  const key = signingKey === undefined ? signer : await openSigner(signingKey, environment, "signingKey");
  const journal = openJournal(config);
  return run({ options, opened, database, registry, alarms, chain, signer, key, journal });
}

/** The seat's domains, and how its peers are asked. */
function seatOf({ options, chain, signer }: Stage) {
  const { chainId, contracts } = chain.book;
  const domains = {
    quotes: domainOf("QuorumVerifier", BigInt(chainId), contracts.quorumVerifier),
    tasks: domainOf("TaskEscrow", BigInt(chainId), contracts.taskEscrow),
  };
  const domain = peerDomain(BigInt(chainId), contracts.quorumVerifier);
  const identity = { address: signer.address, signer, domain, now: options.now };
  const others = options.config.peers.filter(({ address }) => address !== signer.address);
  return { domains, domain, peers: new Peers(others.map((peer) => new PeerClient(peer, identity))) };
}

/** What the service keeps of what others bring and the chain says. */
const storesIn = (database: Database, now: () => number) => ({
  quotes: new QuoteStore(database, now),
  vouches: new VouchStore(database, now),
  verdicts: new VerdictStore(database, now),
  views: new ViewStore(database),
  cases: new CaseStore(database, now),
  presences: new PresenceStore(database),
});

async function run(stage: Stage): Promise<ValidatorService> {
  const { options, opened, database, registry, alarms, chain, signer, journal, key: signingKey } = stage;
  const { config, environment, log, now, isDry } = options;
  const { domains, peers } = seatOf(stage);
  const own = signer.address;
  const stakes = remembered(async () => readStakes(chain), SEATS_LIFE, now);
  const stores = storesIn(database, now);
  const gate = new SigningGate({ journal, signer: { address: own, chosenKey: signingKey }, domains });
  const notices = { quote: new Notice(), verdict: new Notice() };
  const verdictDesk = new VerdictDesk({ chain, verdicts: stores.verdicts, stakes, notice: notices.verdict });
  const viewDesk = viewDeskOf(stage, { views: stores.views, gate, stakes });
  // Two processes cannot listen at one place, and others would take a dry run for the seat.
  const address = isDry
    ? undefined
    : await openApi(stage, { ...stores, gate, stakes, verdictDesk, viewDesk, notice: notices.quote });

  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => undefined);
  const feed = new EventFeed({ chain, database, followed: watchedEvents });
  const seat = { address: own, keys: () => [signingKey.address, ...chosenKeysIn(feed, own)], domains };
  const instance = hexlify(randomBytes(32));
  const startedAt = Math.floor(now() / 1000);
  const acting = { instance, startedAt, end: ended.reject, views: viewDesk.domain };
  const watch = new SeatWatch({ peers, journal, seat, gate, alarms, log, ...acting });
  const sender = isDry ? noSender(own) : openOwnSender(stage);
  if (!isDry) opened.add(sender, async (each) => each.close());
  const key = config.collateral.key && readSecret("collateral.key", config.collateral.key, environment);
  const clock = new ChainClock(now);
  const reruns = opened.add(new Reruns({ ...config, chain, alarms, log }), async (each) => each.close());
  const duties = dutiesOf({
    ...{
      config,
      chain,
      clock,
      sender,
      gate,
      peers,
      watch,
      stakes,
      verdictDesk,
      viewDesk,
      notices,
      own,
      signingKey: signingKey.address,
      isDry,
      alarms,
      now,
      log,
    },
    ...stores,
    checks: [checkSealedResult, reruns.check],
    feed,
    gateways: new NodeGateways({
      ...{ book: chain.book, account: own, allowLoopback: config.allowLoopback },
      wallet: isDry ? noSigner(own) : signer,
    }),
    source: collateralSource(config.collateral.source, { subscriptionKey: key?.reveal() }),
    root: remembered(async () => (config.simulated ? readRoot(chain) : undefined), ROOT_LIFE, now),
  });
  const seen = (block: Block): void => {
    clock.observe(block);
  };
  const running = inBackground(async (signal) => {
    const { confirmations } = config.chain;
    const recover: Beginning["recover"] = async (failed, until) =>
      recoverOwnClaims({ chain, feed, confirmations, journal, seat, failed, log }, until);
    const beginning = { chain, own, config, watch, gate, sender, peers, recover, alarms, log };
    if (isDry || (await begin(beginning, signal))) await work(duties, { log, chain, alarms, seen }, signal);
  }, log);
  const status = (): object => ({ validator: own, isSigning: gate.isOpen, reason: gate.reason, peers: peers.states() });
  const readiness = chainReadiness(chain, { now, log });
  const told = await startStatusServer(
    { service: "validator", registry, readiness, alarms, status },
    isDry ? { ...config.status, port: 0 } : config.status,
  );
  opened.add(told, async (each) => each.close());
  log.info({ validator: own, address, peers: peers.count, isDry }, "the validator's service runs");
  return {
    address,
    status: told.address,
    ended: async () => ended.promise,
    close: async () => {
      await running.stop();
      await opened.close();
    },
  };
}

/** What signs blocks of the chain. */
function viewDeskOf(
  { options: { config, now }, chain, signer }: Stage,
  parts: Pick<ValidatorParts, "views" | "gate" | "stakes">,
): ViewDesk {
  const { judge = chain.book.contracts.viewJudge, demanded, finalized } = config.views;
  const { confirmations } = config.chain;
  return new ViewDesk({ ...parts, chain, judge, demanded, finalized, confirmations, own: signer.address, now });
}

/** What the API answers with. */
interface ApiParts extends Pick<
  ValidatorParts,
  "gate" | "stakes" | "verdictDesk" | "viewDesk" | "quotes" | "vouches" | "verdicts"
> {
  readonly presences: PresenceStore;
  /** Given when there is a quote to judge. */
  readonly notice: Notice;
}

async function openApi(stage: Stage, { presences, notice, ...parts }: ApiParts): Promise<AddressInfo> {
  const { options, opened, chain, signer } = stage;
  const { config, log, now, version } = options;
  const { stakes, quotes, vouches } = parts;
  const own = signer.address;
  const guard = new PeerGuard({ own, domain: seatOf(stage).domain, stakes, presences, now });
  const trusted = new TrustedProxies(config.listen.trustedProxies);
  const api = new ValidatorApi({ guard, rates: config.limits, now, log, trusted });
  const desk = new QuoteDesk({ chain, quotes, vouches, stakes, notice });
  addRoutes(api, handlersOf({ ...parts, book: chain.book, own, version, desk, presences, now }));
  const { host, port, tls } = config.listen;
  const closing = new AbortController();
  addViewRoutes(api, parts.viewDesk);
  const patience = { request: REQUEST_TIME };
  const server = createApiServer({ service: "validator", api, logger: log, closing, tls, trusted, patience });
  opened.add(server, async (each) => each.close());
  return server.listen(host, port);
}

function openOwnSender({ options, database, alarms, chain, signer }: Stage): Sender {
  const { config, log, now } = options;
  const fees = feeCapsOf(config.fees);
  return openSender({ signer, chain, database, fees, confirmations: config.chain.confirmations, alarms, log, now });
}
