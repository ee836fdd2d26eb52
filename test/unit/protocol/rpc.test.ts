import { describe, expect, it } from "vitest";
import { answer, replyOf, requestOf, RpcClient, type Handlers, type Request } from "../../../src/protocol/rpc.js";

interface Api {
  double(number: number): number;
  fail(): void;
  never(): void;
}

const handlers: Handlers<Api> = {
  double: {
    decode: ([number]) => {
      if (typeof number !== "number") throw new Error("not a number");
      return [number];
    },
    run: (number) => 2 * number,
  },
  fail: {
    decode: () => [],
    run: () => Promise.reject(new Error("the disk is full")),
  },
  never: { decode: () => [], run: () => new Promise<void>(() => undefined) },
};

/** A client whose requests are answered as a webview's are: through cloned messages. */
function connected() {
  const client: RpcClient<Api> = new RpcClient((request) => {
    const seen = requestOf(structuredClone(request));
    if (seen === undefined) throw new Error("not a request");
    void answer(handlers, seen).then((reply) => {
      const back = replyOf(structuredClone(reply));
      if (back !== undefined) client.settle(back);
    });
  });
  return client;
}

describe("a call over messages", () => {
  it("gives the value of the method", async () => {
    await expect(connected().call("double", 21)).resolves.toBe(42);
  });

  it("rejects with what the method or its decoder says", async () => {
    await expect(connected().call("fail")).rejects.toThrow("the disk is full");
    await expect(connected().call("double", "21" as never)).rejects.toThrow("not a number");
  });

  it("settles many calls each with its own answer, in whatever order they come", async () => {
    const requests: Request[] = [];
    const client = new RpcClient<Api>((request) => requests.push(request));
    const calls = [1, 2, 3].map((number) => client.call("double", number));
    for (const request of requests.toReversed()) client.settle(await answer(handlers, request));
    await expect(Promise.all(calls)).resolves.toEqual([2, 4, 6]);
  });

  it("is refused where the method is unknown, even one every object has", async () => {
    for (const method of ["erase", "toString", "constructor", "__proto__"]) {
      const reply = await answer(handlers, { id: 7, method, args: [] });
      expect(reply).toEqual({ id: 7, ok: false, reason: `unknown method ${method}` });
    }
  });

  it("rejects when the message could not be sent", async () => {
    const client = new RpcClient<Api>(() => {
      throw new Error("the webview is gone");
    });
    await expect(client.call("double", 1)).rejects.toThrow("the webview is gone");
  });
});

describe("an end of messages", () => {
  it("rejects every call that waits, and those that come later", async () => {
    const client = connected();
    const waiting = [client.call("never"), client.call("never")];
    client.dispose();
    for (const call of waiting) await expect(call).rejects.toThrow("closed");
    await expect(client.call("double", 1)).rejects.toThrow("closed");
  });

  it("leaves a call that was settled before as it was", async () => {
    const client = connected();
    const call = client.call("double", 4);
    await expect(call).resolves.toBe(8);
    client.dispose();
    await expect(call).resolves.toBe(8);
  });
});

describe("replies", () => {
  it("that belong to no call change nothing", async () => {
    const sent: Request[] = [];
    const client = new RpcClient<Api>((request) => sent.push(request));
    const call = client.call("double", 1);
    client.settle({ id: 999, ok: true, value: 5 });
    client.settle({ id: sent[0]!.id, ok: true, value: 2 });
    client.settle({ id: sent[0]!.id, ok: true, value: 3 });
    await expect(call).resolves.toBe(2);
  });

  it("and requests are told from anything else a page may be sent", () => {
    const strangers = [
      undefined,
      null,
      "ready",
      42,
      [],
      {},
      { id: 1 },
      { id: -1, method: "double", args: [] },
      { id: 1.5, ok: true },
      { id: 1, method: 3, args: [] },
      { id: 1, method: "double", args: { length: 1 } },
      { id: 1, ok: false },
      { id: 1, ok: "true", value: 1 },
      { id: "1", ok: true, value: 1 },
    ];
    for (const stranger of strangers) {
      expect(requestOf(stranger)).toBeUndefined();
      expect(replyOf(stranger)).toBeUndefined();
    }
  });
});
