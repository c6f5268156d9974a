import { health, type Health } from "../chain/endpoints.ts";
import { Notice } from "../parts/states.tsx";
import { href } from "./route.ts";

const REMEDIES: Readonly<Record<Health["state"], string>> = {
  fine: "",
  slow: "What is shown may be old until it answers.",
  limited: "Wait a little; with an endpoint of your own there is no limit.",
  behind: "What is shown may not be how it is now. Another endpoint is asked where there is one.",
  gone: "What is shown is what was known before.",
  "wrong-chain": "Choose an endpoint of this network.",
};

/**
 * Says when the RPC endpoint does not answer as it should.
 *
 * @param props.isEmpty Nothing was read yet; where another endpoint is chosen stands below then.
 */
export function HealthBar({ isEmpty = false }: { readonly isEmpty?: boolean }) {
  const { state, url, detail } = health.value;
  if (state === "fine") return null;
  const host = URL.canParse(url) ? new URL(url).host : "The RPC endpoint";
  return (
    <Notice kind={state === "gone" || state === "wrong-chain" ? "error" : "warning"} title={`${host} ${detail}.`}>
      {isEmpty ? (
        "Nothing can be shown until one answers."
      ) : (
        <>
          {REMEDIES[state]} <a href={href("settings")}>Settings</a>
        </>
      )}
    </Notice>
  );
}
