import { describeSemantics } from "./suite";
import { embeddedTarget } from "./targets";

describeSemantics(embeddedTarget("the embedded runner on the embedded database", "embedded"));
