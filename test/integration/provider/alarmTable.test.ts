import { expect } from "chai";

import { codesIn, codesTold } from "../../fixtures/service/alarmTable.ts";
import { clockAlarms } from "../../../src/service/clockAlarms.ts";
import { hangingAlarm } from "../../../src/service/hangingDuty.ts";
import { webhookAlarm } from "../../../src/service/webhookAlarms.ts";

describe("The table of the provider service's alarms", () => {
  it("has a row for each, with what to do, and none besides", () => {
    const alarms = [...clockAlarms(1e9, 12_000), webhookAlarm(3, "status 500"), hangingAlarm("proofs", 900)];
    const shared = alarms.map((alarm) => alarm?.code);
    const codes = [...codesIn("provider"), ...shared].sort();
    expect(shared).to.deep.equal(["clock-off", "webhook-failing", "duty-hangs"]);
    expect(codesTold("A provider")).to.deep.equal(codes);
  });
});
