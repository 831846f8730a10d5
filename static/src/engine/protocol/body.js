// Sealed bodies (docs/protocol.md, section 9.2). Mirrors sealpost/protocol/body.py.

import { uuidBytes } from "../crypto/encoding.js";
import { label, u32be } from "../crypto/hkdf.js";
import * as stream from "../crypto/stream.js";

export const CODING = "sealed";

function aad(direction, { method, targetUri, nonce, session, contentType, status = 0 }) {
  return label("body", direction, method, targetUri, u32be(status), nonce, uuidBytes(session), contentType);
}

export const requestSeal = (key, plaintext, context) => stream.seal(key, plaintext, { aad: aad("c2s", context) });
export const requestOpen = (key, sealed, context) => stream.open(key, sealed, { aad: aad("c2s", context) });
export const answerSeal = (key, plaintext, context) => stream.seal(key, plaintext, { aad: aad("s2c", context) });
export const answerOpen = (key, sealed, context) => stream.open(key, sealed, { aad: aad("s2c", context) });
