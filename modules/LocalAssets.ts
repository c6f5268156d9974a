import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/**
 * What a local network lacks and a real one has: a token, and a judge of disputed quotes. Neither can stand in for the real
 * thing elsewhere: the judge's constructor refuses every chain but the local one.
 */
export default buildModule("LocalAssets", (m) => {
  const holder = m.getParameter("holder", m.getAccount(0));
  const supply = m.getParameter("supply", 1_000_000_000n * 10n ** 18n);
  return { token: m.contract("PlatformToken", [holder, supply]), judge: m.contract("MockJudge") };
});
