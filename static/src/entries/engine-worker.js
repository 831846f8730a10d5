import { Engine } from "../engine/worker.js";

const engine = new Engine(self.location.origin);
if ("onconnect" in self) self.onconnect = ({ ports }) => engine.connect(ports[0]);
else engine.connect(self);
