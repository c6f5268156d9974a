/** An example of each task, by its words: what follows `npx hardhat`. Help shows it; other commands never load this file. */
export const examples: Readonly<Record<string, string>> = {
  devnet: "devnet --block-time 2s",

  "platform deploy": "platform deploy --network sepolia --dry-run",
  "platform status": "platform status --network localhost",
  "platform addresses": "platform addresses --json --network localhost",

  "govern show": "govern show --network localhost",
  "govern list": "govern list --network localhost",
  "govern execute": "govern execute due --account 1 --network localhost",
  "govern cancel": "govern cancel 0x1a2b3c4d --account 2 --network localhost",
  "govern call": "govern call governance 0x1a2b3c4d --account 1 --network localhost",
  "govern model add":
    "govern model add --kind gpu --rate 2140000000 --name NVIDIA-A100-PCIe --account 1 --network localhost",
  "govern model rate": "govern model rate 2 2140000000 --account 1 --network localhost",
  "govern model list": "govern model list 2 --account 1 --network localhost",
  "govern model delist": "govern model delist 2 --account 1 --network localhost",
  "govern enclave allow": "govern enclave allow --quote node-1.quote.json --account 1 --network localhost",
  "govern enclave allow-signer":
    "govern enclave allow-signer --quote node-1.quote.json --minimum 3 --account 1 --network localhost",
  "govern enclave remove": "govern enclave remove 1 --account 1 --network localhost",
  "govern policy": "govern policy --accept UpToDate,SWHardeningNeeded --age 14d --account 1 --network localhost",
  "govern fee": "govern fee 250 --account 1 --network localhost",
  "govern floor": "govern floor 21 --account 1 --network localhost",
  "govern verifier":
    "govern verifier 0x5FbDB2315678afecb367f032d93F642f64180aa3 quorum --account 1 --network localhost",
  "govern validator-stake": "govern validator-stake 10000 --account 1 --network localhost",
  "govern pause": "govern pause orders --account 2 --network localhost",
  "govern resume": "govern resume orders --account 2 --network localhost",
  "govern role grant": "govern role grant guardian 3 --account 1 --network localhost",
  "govern role revoke": "govern role revoke guardian 2 --account 1 --network localhost",

  "stake deposit": "stake deposit 1000 --account 4 --network localhost",
  "stake withdraw": "stake withdraw all --account 4 --network localhost",
  "stake allow": "stake allow nodes 500 --account 7 --network localhost",
  "stake show": "stake show --account 4 --network localhost",

  "node register":
    "node register --model 1 --units 8 --price 0.5 --url https://node.example --account 7 --network localhost",
  "node quote": "node quote 1 --account 7 --network localhost",
  "node renew": "node renew node-1.quote.json --account 7 --network localhost",
  "node fresh-quote": "node fresh-quote 1 --network localhost",
  "node verify": "node verify --quote node-1.quote.json",
  "node trust": "node trust --out chain.trust.json --network localhost",
  "node recheck": "node recheck 1 --network localhost",
  "node dispute": "node dispute 1 --quote node-1.quote.json --network localhost",
  "node demands": "node demands --provider 7 --network localhost",
  "node show-quote": "node show-quote 1 --account 7 --network localhost",
  "node demand": "node demand 1 --account 8 --network localhost",
  "node set": "node set 1 --price 0.4 --account 7 --network localhost",
  "node show": "node show 1 --network localhost",
  "node list": "node list --live --network localhost",
  "node exit": "node exit 1 --account 7 --network localhost",

  "collateral status": "collateral status --fmspc 00606a000000 --network sepolia",
  "collateral fetch": "collateral fetch --fmspc 00606a000000 --ca platform",
  "collateral submit": "collateral submit --fmspc 00606a000000 --network sepolia",

  "validator run": "validator run validator.json5",
  "validator join": "validator join 1000 --account 4 --network localhost",
  "validator activate": "validator activate --account 4 --network localhost",
  "validator set-key": "validator set-key signing.key --account 4 --network localhost",
  "validator leave": "validator leave --account 4 --network localhost",
  "validator show": "validator show --account 4 --network localhost",
  "validator attest": "validator attest node-1.quote.json --account 4 --network localhost",
  "validator challenge": "validator challenge --account 4 --network localhost",

  "validator journal show": "validator journal show",
  "validator journal export": "validator journal export journal.json",
  "validator journal import": "validator journal import journal.json",

  market: "market --network localhost",
  "market list": "market list --units 2 --network localhost",

  "gateway check": "gateway check --node 1 --network localhost",
  "gateway start": "gateway start --node 1 --network localhost",
  "provider doctor": "provider doctor provider.json5",
  "provider run": "provider run provider.json5",

  "proxy upload": "proxy upload 1 --file one.csv.enc --key one.csv.key.json --account 7 --network localhost",
  "proxy replace":
    "proxy replace 1 --old one.csv.enc --file two.csv.enc --key two.csv.key.json --account 7 --network localhost",
  "proxy query": "proxy query 1 --file one.csv.enc --parameters parameters.json --account 7 --network localhost",
  "proxy borrow":
    "proxy borrow 1 --capability proxy-capability.json --inputs task.sealed --account 8 --network localhost",
  "proxy log": "proxy log 1 --account 7 --network localhost",
  "proxy delegate":
    "proxy delegate 1 --to 0x976EA74026E726554dB657fA54763abd0C3a0aa9 --file one.csv.enc --uses 3 --budget 10000 --until 7d --account 7 --network localhost",
  "proxy revoke": "proxy revoke 1 --capability proxy-capability.json --account 7 --network localhost",

  "app deploy": "app deploy --order 1 --url https://host.example/app.yaml --account 6 --network localhost",
  "app validate": "app validate app.yaml",
  "app status": "app status 1 --account 6 --network localhost",
  "app logs": "app logs 1 --tail 20 --follow --account 6 --network localhost",
  "app events": "app events 1 --account 6 --network localhost",
  "app access": "app access 1 --service web --account 6 --network localhost",
  "app usage": "app usage 1 --account 6 --network localhost",
  "app remove": "app remove 1 --account 6 --network localhost",
  "app verify": "app verify app-1.receipt.json --network localhost",
  "app secret set":
    "app secret set 1 database --values password=password.txt --policy policy.json --account 6 --network localhost",
  "app secret list": "app secret list 1 --account 6 --network localhost",
  "app secret remove": "app secret remove 1 database --account 6 --network localhost",

  "offer sign": "offer sign 1 --price 0.5 --lock 20 --account 7 --network localhost",
  "offer cancel": "offer cancel offer-1.json --account 7 --network localhost",

  "order open": "order open 10 --offer offer-1.json --account 8 --network localhost",
  "order request": "order request 1 10 --price 0.5 --account 8 --network localhost",
  "order accept": "order accept 1 --account 7 --network localhost",
  "order top-up": "order top-up 1 5 --account 8 --network localhost",
  "order settle": "order settle 1,2 --network localhost",
  "order close": "order close 1 --account 8 --network localhost",
  "order release": "order release --nodes 1 --account 7 --network localhost",
  "order show": "order show 1 --network localhost",
  "order list": "order list --user 8 --network localhost",
  "order withdraw": "order withdraw --account 8 --network localhost",

  "dataset encrypt": "dataset encrypt patients.csv",
  "dataset register":
    "dataset register --file patients.csv.enc --price 2 --uri https://data.example/1 --account 9 --network localhost",
  "dataset set": "dataset set 1 --price 3 --account 9 --network localhost",
  "dataset grant":
    "dataset grant 1 1 --measurement 0x5b8c89d1d30065d77dcc6f5aab68e4310680a6b743f555009fa5a01cd745166b --until 30d --account 9 --network localhost",
  "dataset migrate":
    "dataset migrate 1 1 2 --file patients.csv.enc --enclave /run/computing-power/enclave.sock --successor-enclave /run/computing-power/new/enclave.sock --validators https://validator-one.example,https://validator-two.example --network localhost",
  "dataset revoke": "dataset revoke 1 1 --account 9 --network localhost",
  "dataset send":
    "dataset send 1 1 --key patients.csv.key.json --file patients.csv.enc --account 9 --network localhost",
  "dataset deliver":
    "dataset deliver 1 1 --key patients.csv.key.json --file patients.csv.enc --quote node-1.quote.json --network localhost",
  "dataset show": "dataset show 1 --network localhost",
  "dataset list": "dataset list --owner 9 --network localhost",

  "task seal":
    "task seal --node 1 --datasets 1 --parameters parameters.json --policy policy.json --account 8 --network localhost",
  "task publish":
    "task publish --node 1 --datasets 1 --inputs task.sealed --node-fee 1 --account 8 --network localhost",
  "task send": "task send 1 --inputs task.sealed --account 8 --network localhost",
  "task status": "task status 1 --account 8 --network localhost",
  "task fetch": "task fetch 1 --account 8 --network localhost",
  "task cancel": "task cancel 1 --account 8 --network localhost",
  "task check": "task check 1 --inputs task.sealed --data . --network localhost",
  "task accept": "task accept 1 --account 7 --network localhost",
  "task run": "task run 1 --inputs task.sealed --data . --network localhost",
  "task submit": "task submit 1 --account 7 --network localhost",
  "task abort": "task abort 1 --network localhost",
  "task verdict": "task verdict 1 valid --result task-1.result.sealed --account 4 --network localhost",
  "task finalize": "task finalize 1 --verdicts task-1.verdicts.json --network localhost",
  "task demand": "task demand 1 --account 8 --network localhost",
  "task answer": "task answer 1 --account 7 --network localhost",
  "task close": "task close 1 --network localhost",
  "task open": "task open 1 --network localhost",
  "task report": "task report 1 --network localhost",
  "task withdraw": "task withdraw --account 8 --network localhost",
  "task show": "task show 1 --network localhost",
  "task list": "task list --status submitted --network localhost",

  "proof bench": "proof bench --seconds 60 --network localhost",
  "proof solve": "proof solve 1 --threads 8 --network localhost",
  "proof submit": "proof submit answer-1.json answer-2.json --network localhost",
  "proof status": "proof status 1 --network localhost",

  "tx wait": "tx wait 0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060 --network sepolia",

  "rewards show": "rewards show --account 4 --network localhost",
  "rewards withdraw": "rewards withdraw --account 4 --network localhost",
  "rewards roll-over": "rewards roll-over --network localhost",

  "user register-key": "user register-key --account 8 --network localhost",
  "user remove-key": "user remove-key --account 8 --network localhost",
  "user show-key": "user show-key --account 8 --network localhost",
};
