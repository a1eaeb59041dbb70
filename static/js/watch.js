// While something is at work the page looks again by itself; without scripts there is a link.
if (document.querySelector("[data-working]")) setTimeout(() => location.reload(), 1500);
