import { formatDuration, formatTime } from "../../amounts.ts";
import type { Alarm } from "../../service/alarms.ts";
import { cannotAttestBy, hasEnded, isTakenOver, leadOf } from "../attestation/decide.ts";
import type { NodeView, ProviderView } from "../view.ts";

/** What is known of a node's enclave: its key, or why it does not answer; undefined where nobody asked. */
export type EnclaveFact = { readonly enclaveKey: string } | { readonly failure: string } | undefined;

/** What is looked at of a node beside the chain. */
export interface NodeFacts {
  readonly enclave: EnclaveFact;
  readonly renewBefore: number | undefined;
  /** Where its quotes are kept, and whether the newest one is there. */
  readonly quotes: { readonly folder: string; readonly hasNewest: boolean };
  /** Who is to verify its quotes, by the configuration. */
  readonly by: "chain" | "quorum";
}

type Finding = Omit<Alarm, "about">;

/** What is wrong with a node's enclave. */
function enclaveFindings({ id, enclaveKey, attestations }: NodeView, fact: EnclaveFact): Finding[] {
  if (fact === undefined) return [];
  if ("failure" in fact) {
    return [
      {
        code: "enclave-gone",
        severity: "critical",
        problem: `The enclave process does not answer: ${fact.failure}`,
        remedy: "Look at its log and start it; without it no answer is signed and no attestation renewed.",
      },
    ];
  }
  if (attestations === 0n || fact.enclaveKey === enclaveKey) return [];
  return [
    {
      code: "enclave-key-changed",
      severity: "critical",
      problem: `The enclave's key is ${fact.enclaveKey}, and node ${id.toString()} is attested with ${enclaveKey}`,
      remedy:
        "A node keeps the key of its first attestation: bring the enclave's sealed key back, or declare a new node with `node register` and let this one exit.",
    },
  ];
}

/** What ends a node, or is about to. */
function endFindings(node: NodeView, { now }: ProviderView): Finding[] {
  const { endedAt, endReason, suspendedSince, suspensionEndableAt } = node;
  if (hasEnded(node, now)) {
    return [
      {
        code: "node-ended",
        severity: "warning",
        problem: `It ended at ${formatTime(endedAt)}: ${endReason}`,
        remedy: "Take it out of the configuration; `node exit` and `stake withdraw` say when its stake is free.",
      },
    ];
  }
  const found: Finding[] = [];
  if (isTakenOver(node, now)) {
    found.push({
      code: "takeover-open",
      severity: "critical",
      problem: `Another node takes its platform over at ${formatTime(endedAt)}`,
      remedy:
        "The service renews the attestation, which repels it; if this stays, run `node quote` and `node renew` by hand.",
    });
  }
  if (suspendedSince !== 0n) {
    found.push({
      code: "node-suspended",
      severity: "critical",
      problem: `It has been suspended since ${formatTime(suspendedSince)}, and can be ended from ${formatTime(suspensionEndableAt)} on`,
      remedy:
        "The service renews the attestation, which lifts it; if this stays, update the platform's firmware: `collateral status` says what is judged.",
    });
  }
  return found;
}

/** What is wrong with a node's attestation. */
function attestationFindings(node: NodeView, view: ProviderView, renewBefore: number | undefined): Finding[] {
  const { attestations, validUntil, endedAt } = node;
  const { now } = view;
  if (hasEnded(node, now)) return [];
  if (attestations === 0n) {
    return [
      {
        code: "never-attested",
        severity: "warning",
        problem: "It was declared and never attested",
        remedy:
          "The service attests it where its enclave is configured; else run `node quote` and `node register --quote`.",
      },
    ];
  }
  const isOver = validUntil <= now;
  // At half of the lead the renewal has had its chance.
  if (!isOver && validUntil - now > leadOf(view, renewBefore) / 2n) return [];
  if (endedAt !== 0n && validUntil >= endedAt) return [];
  return [
    {
      code: "attestation-expiring",
      severity: isOver ? "critical" : "warning",
      problem: isOver
        ? `Its attestation lapsed at ${formatTime(validUntil)}: it earns nothing`
        : `Its attestation lapses at ${formatTime(validUntil)}, in ${formatDuration(validUntil - now)}`,
      remedy: "See in the log why it was not renewed; `collateral status` says what lapses when.",
    },
  ];
}

/** What would end a node once somebody demands its quote. */
function quoteFindings({ verifiedBy, attestations }: NodeView, { folder, hasNewest }: NodeFacts["quotes"]): Finding[] {
  if (hasNewest || verifiedBy !== "Quorum") return [];
  return [
    {
      code: "quote-lost",
      severity: "critical",
      problem: `A quorum vouched for its quote number ${attestations.toString()}, which is not in ${folder}: should somebody demand it, it could not be shown, and the node would end and lose its stake`,
      remedy:
        "Bring its file back from a backup, from the folder in which `node quote` wrote it, or from a validator that signed for it.",
    },
  ];
}

/** What makes it impossible to renew a node's attestation the way that is configured. */
function verifierFindings(node: NodeView, by: NodeFacts["by"]): Finding[] {
  if (!cannotAttestBy(node, by)) return [];
  const { id, validUntil } = node;
  return [
    {
      code: "verifier-too-weak",
      severity: "warning",
      problem: `The chain verified its quote, and takes none from now on that a quorum vouches for, as \`attestation.by\` has it: it is not renewed, and earns nothing from ${formatTime(validUntil)} on`,
      remedy: `Set \`attestation.by\` to \`chain\`, with a source of \`collateral\`, and restart the service; or take node ${id.toString()} out and declare a new one.`,
    },
  ];
}

/** Why a node takes no new orders, as far as nothing else says it. */
function whyNotOpen(node: NodeView, { now }: ProviderView): string {
  const { isChallenger, liveFrom, endedAt, isLive, tcbStatus } = node;
  if (isChallenger && liveFrom > now) return `it waits until ${formatTime(liveFrom)} to take over its platform`;
  if (endedAt !== 0n) return `it ends at ${formatTime(endedAt)}`;
  if (!isLive) return "it is not live";
  return `its enclave is no longer allowed, or its TCB status ${tcbStatus} not accepted for new orders`;
}

/** All that is wrong with a node, by what was seen. */
export function nodeAlarms(node: NodeView, view: ProviderView, account: string, facts: NodeFacts): Alarm[] {
  const about = `node ${node.id.toString()}`;
  const found: Finding[] = [];
  if (node.provider !== account) {
    found.push({
      code: "not-the-provider",
      severity: "critical",
      problem: `It is ${node.provider}'s, and this service signs as ${account}`,
      remedy: "Configure the signer of its provider, or take the node out.",
    });
  }
  found.push(...endFindings(node, view), ...attestationFindings(node, view, facts.renewBefore));
  if (!hasEnded(node, view.now)) found.push(...enclaveFindings(node, facts.enclave));
  if (!node.isOpen && found.length === 0) {
    found.push({
      code: "node-not-open",
      severity: "warning",
      problem: `It takes no new orders: ${whyNotOpen(node, view)}`,
      remedy: `See \`node show ${node.id.toString()}\` and \`govern show\`.`,
    });
  }
  if (!hasEnded(node, view.now)) {
    found.push(...verifierFindings(node, facts.by), ...quoteFindings(node, facts.quotes));
  }
  return found.map((finding) => ({ ...finding, about }));
}
