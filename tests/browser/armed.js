// What stands in this document that could run, load or lead somewhere it must not; nothing of it is ours.
() => {
  const found = [];
  const foreign = new Set(
    "iframe frame frameset object embed applet base style img image picture video audio source track math template noscript marquee portal foreignobject animate animatetransform set use".split(" "),
  );
  const addresses = "href src action formaction xlink:href poster data srcset background ping cite manifest".split(" ");
  const shapes = new Set("svg path circle rect g title a".split(" "));
  for (const element of document.querySelectorAll("*")) {
    const name = element.localName.toLowerCase();
    const say = (what) => found.push(`${what}: ${element.outerHTML.slice(0, 200)}`);
    if (foreign.has(name)) say("element");
    if (element instanceof SVGElement && !shapes.has(name)) say("element of a drawing");
    if (name === "script" && (element.textContent.trim() || !(element.getAttribute("src") || "").startsWith("/static/"))) {
      say("script");
    }
    if (name === "link" && !(element.getAttribute("href") || "").startsWith("/")) say("link");
    // A page may load itself again; it may lead nowhere else.
    if (element.httpEquiv && !/^\d+$/.test(element.content)) say("meta");
    for (const attribute of element.attributes) {
      const called = attribute.name.toLowerCase();
      if (!/^[a-z][a-z0-9:-]*$/.test(called)) say(`attribute ${called}`);
      if (called.startsWith("on") || called === "style" || called === "srcdoc") say(`attribute ${called}`);
      if (addresses.includes(called)) {
        const leads = URL.canParse(attribute.value, location.href) ? new URL(attribute.value, location.href) : null;
        if (!leads || !["http:", "https:"].includes(leads.protocol)) say(`address ${attribute.value.slice(0, 50)}`);
        else if (leads.hostname === "canary.invalid") say("address of the canary");
      }
    }
  }
  const comments = document.createTreeWalker(document, NodeFilter.SHOW_COMMENT);
  while (comments.nextNode()) found.push(`comment: ${comments.currentNode.data.slice(0, 200)}`);
  return found;
}
