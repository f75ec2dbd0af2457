// Reads a list of {"rule": …, "self": …} from standard input and prints the list of what each rule says: true, false, or its error.
import { readFileSync } from "node:fs";
import { Environment } from "@marcbachmann/cel-js";

const rules = new Environment().registerVariable("self", "dyn");
const answers = JSON.parse(readFileSync(0, "utf8")).map(({ rule, self }) => {
  try {
    return rules.evaluate(rule, { self });
  } catch (error) {
    return error.message;
  }
});
console.log(JSON.stringify(answers));
