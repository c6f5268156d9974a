import { expect } from "chai";

import { codesIn, codesTold } from "../../fixtures/service/alarmTable.ts";
import { clockAlarms } from "../../../src/service/clockAlarms.ts";
import { webhookAlarm } from "../../../src/service/webhookAlarms.ts";

describe("The table of the validator service's alarms", () => {
  it("has a row for each, with what to do, and none besides", () => {
    const shared = [...clockAlarms(1e9, 12_000), webhookAlarm(3, "status 500")].map((alarm) => alarm?.code);
    const codes = [...codesIn("validator"), ...shared].sort();
    expect(shared).to.deep.equal(["clock-off", "webhook-failing"]);
    expect(codesTold("A validator")).to.deep.equal(codes);
  });
});
