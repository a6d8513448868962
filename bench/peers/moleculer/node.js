// One of two nodes: "node.js gateway <port> <own port> <other's port>" answers HTTP and calls the other one,
// "node.js worker - <own port> <other's port>" has the service. They talk by Moleculer's TCP transporter, its fastest one
// without a broker of its own. What costs time and is not asked for is off: the log, metrics, tracing.
"use strict";

const { ServiceBroker } = require("moleculer");
const ApiGateway = require("moleculer-web");

const [role, port, own, other] = process.argv.slice(2);
const otherRole = role === "gateway" ? "worker" : "gateway";

const broker = new ServiceBroker({
  nodeID: role,
  logger: false,
  metrics: false,
  tracing: false,
  transporter: {
    type: "TCP",
    options: { udpDiscovery: false, useHostname: false, port: Number(own), urls: [`tcp://127.0.0.1:${other}/${otherRole}`] },
  },
});

if (role === "gateway") {
  broker.createService({
    mixins: [ApiGateway],
    settings: {
      ip: "127.0.0.1",
      port: Number(port),
      routes: [{ path: "/", mappingPolicy: "restrict", aliases: { "POST rpc": "echo.say" }, bodyParsers: { json: true } }],
    },
  });
} else {
  broker.createService({
    name: "echo",
    actions: {
      say: {
        params: { text: "string", n: "number" },
        handler: ({ params }) => ({ text: params.text, n: params.n + 1 }),
      },
    },
  });
}

broker.start().then(() => console.log("ready"));
process.stdin.on("end", () => process.exit()).resume();
