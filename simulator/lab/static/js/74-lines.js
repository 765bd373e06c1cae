// How an answer stands in the terminal: prose wraps between words, a table keeps its columns and scrolls sideways.

/** What somebody said, with its time: long words went on under the author, and here they flow anew. */
const SPOKEN = /^T[+−-][\d:]+ {2}\S/;

/** The blocks of an answer: `{kind, text}` with kind `said`, `prose` or `table`. */
function blocks(text) {
  const made = [];
  for (const line of text.split("\n")) {
    const last = made.at(-1);
    if (last?.kind === "said" && /^ {9,}\S/.test(line)) last.text += ` ${line.trim()}`;
    else if (SPOKEN.test(line)) made.push({ kind: "said", text: line });
    else {
      const kind = /\S {2,}\S|\t|^\s+[[{<|"└├│]/.test(line) ? "table" : "prose";
      // a line of one column inside a table belongs to it
      if (last && (last.kind === kind || (last.kind === "table" && line.length < 48))) last.text += `\n${line}`;
      else made.push({ kind, text: line });
    }
  }
  return made;
}

/** An answer as elements. */
function answerElement(text) {
  return h("pre", {}, blocks(text).map(({ kind, text: words }) => h("span", { class: kind }, words)));
}
