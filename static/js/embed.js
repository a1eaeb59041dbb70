// Tells the page around this frame how high it is, in our own words and in those of WordPress, which also opens the links.
const secret = /[#&?]secret=(\w+)/.exec(location.hash)?.[1];

function tell() {
  const height = Math.ceil(document.body.getBoundingClientRect().height);
  parent.postMessage({ type: "undersigned-height", height }, "*");
  if (secret) parent.postMessage({ message: "height", value: height, secret }, "*");
}

if (parent !== window) {
  new ResizeObserver(tell).observe(document.body);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!secret || !link) return;
    event.preventDefault();
    parent.postMessage({ message: "link", value: link.href, secret }, "*");
  });
}
