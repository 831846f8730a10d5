// The key bundle (docs/protocol.md, sections 6.1 and 8). Mirrors sealpost/protocol/bundle.py.

import { b64uEncode } from "../crypto/encoding.js";
import { label, sha256, u32be } from "../crypto/hkdf.js";

export function bundleDigest({ parameters, salt, kid, keys }) {
  const { suite, m, t, p } = parameters;
  const numbers = [suite, m, t, p].map(u32be);
  return sha256(label("bundle", ...numbers, salt, kid, keys.sharedKey, keys.storedKey, keys.serverKey));
}

export function bundleMembers({ parameters, salt, kid, keys }, proof) {
  const { suite, m, t, p } = parameters;
  return {
    suite,
    m,
    t,
    p,
    salt: b64uEncode(salt),
    kid: b64uEncode(kid),
    shared_key: b64uEncode(keys.sharedKey),
    stored_key: b64uEncode(keys.storedKey),
    server_key: b64uEncode(keys.serverKey),
    proof: b64uEncode(proof),
  };
}
