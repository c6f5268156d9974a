import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import { artifactOf } from "./artifacts.ts";

/** What local networks and rehearsals lack and a real network has: a token. */
export default buildModule("LocalAssets", (m) => {
  const holder = m.getParameter("holder", m.getAccount(0));
  const supply = m.getParameter("supply", 1_000_000_000n * 10n ** 18n);
  return { token: m.contract("PlatformToken", artifactOf("PlatformToken"), [holder, supply]) };
});
