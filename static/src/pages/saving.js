// Saving opened bytes: the system's dialog where the browser has it, else a stream through the service worker, else memory.

import { engine } from "../engine/client.js";
import { SealpostError } from "../engine/errors.js";

const MEMORY_MOST = 256 << 20;
const AWAKE_MILLISECONDS = 10_000; // browsers end a service worker that hears nothing for half a minute
let [writing, starting] = [0, 0];

// Whether leaving the page would cut a save short. While one starts, the navigation is its own.
export const savingNow = () => writing > 0 && starting === 0;

async function pickerSink(name) {
  const handle = await globalThis.showSaveFilePicker({ suggestedName: name });
  const file = await handle.createWritable();
  return { write: (chunk) => file.write(chunk), close: () => file.close(), abort: () => file.abort() };
}

async function streamSink({ name, size }) {
  const worker = (await navigator.serviceWorker.ready).active;
  const { port1, port2 } = new MessageChannel();
  const heard = [];
  const waiting = [];
  let stopped = false;
  port1.onmessage = ({ data }) => {
    stopped ||= data === "cancel";
    const next = waiting.shift();
    if (next) next(data);
    else heard.push(data);
  };
  const next = () => (heard.length ? Promise.resolve(heard.shift()) : new Promise((resolve) => waiting.push(resolve)));
  const save = crypto.randomUUID();
  worker.postMessage({ save, name, size }, [port2]);
  await next();
  let begun = false;
  const started = () => {
    if (!begun) starting -= 1;
    begun = true;
  };
  const awake = setInterval(() => worker.postMessage({}), AWAKE_MILLISECONDS);
  starting += 1;
  location.href = `/_save/${save}`;
  const pulled = async () => {
    const cancelled = stopped || (await next()) === "cancel";
    started();
    if (cancelled) throw new SealpostError("aborted", 0, "Stopped. Nothing more was saved.");
  };
  return {
    write: async (chunk) => {
      await pulled();
      port1.postMessage({ chunk }, [chunk.buffer]);
    },
    close: async () => {
      await pulled();
      port1.postMessage({ end: true });
      clearInterval(awake);
    },
    abort: () => {
      started();
      clearInterval(awake);
      port1.postMessage({ stop: true });
    },
  };
}

function memorySink({ name, size }) {
  if (size > MEMORY_MOST) {
    throw new SealpostError("too_large_here", 413, "This browser cannot save a document of this size. Use another, or the sealpost command.");
  }
  const parts = [];
  return {
    write: (chunk) => parts.push(chunk),
    close: () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob(parts));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    },
    abort: () => (parts.length = 0),
  };
}

const policyChanged = () =>
  new SealpostError(
    "policy_changed",
    409,
    "Your organisation has just changed how documents may be saved. Nothing was saved; press Download again.",
  );

// Save one document, as a `.sealed` file where policy wants that; the file is complete only when every segment and the hash have been verified.
export async function documentSave({ id, name }, onProgress, { signal, ask = true } = {}) {
  const { me } = await engine.status();
  const sealed = me?.policy.save === "sealed";
  const picked = ask && globalThis.showSaveFilePicker ? await pickerSink(sealed ? `${name}.sealed` : name) : null;
  let [sink, begun] = [picked, 0];
  try {
    const take = async ({ known, chunk }) => {
      if (known && picked && known.sealed !== sealed) throw policyChanged();
      if (known) sink ??= navigator.serviceWorker?.controller ? await streamSink(known) : memorySink(known);
      else {
        await sink.write(chunk);
        writing += begun ? 0 : 1;
        begun = 1;
      }
    };
    await engine.download(id, "save", onProgress, take, { signal });
    await sink.close();
  } catch (error) {
    await sink?.abort();
    throw error;
  } finally {
    writing -= begun;
  }
}

// Save a text that comes in pieces: `read(take)` calls take with each, and its answer is given back at the end.
export async function textSave(name, read) {
  const sink = globalThis.showSaveFilePicker ? await pickerSink(name) : memorySink({ name, size: 0 });
  const encoder = new TextEncoder();
  let size = 0;
  try {
    const answer = await read(async (text) => {
      const chunk = encoder.encode(text);
      size += chunk.length;
      if (!globalThis.showSaveFilePicker && size > MEMORY_MOST) memorySink({ name, size }); // tells that it is too large
      await sink.write(chunk);
    });
    await sink.close();
    return answer;
  } catch (error) {
    await sink.abort();
    throw error;
  }
}
