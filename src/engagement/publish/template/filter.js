(function () {
  var choices = Array.from(document.querySelectorAll(".filter select"));
  if (!choices.length) return;
  var shown = document.getElementById("shown");
  function apply() {
    var n = 0;
    document.querySelectorAll("main section").forEach(function (year) {
      var any = 0;
      year.querySelectorAll("li").forEach(function (sentence) {
        var fits = choices.every(function (c) { return !c.value || sentence.dataset[c.id] === c.value; });
        sentence.hidden = !fits;
        any += fits;
      });
      year.hidden = !any;
      n += any;
    });
    shown.textContent = n + (n === 1 ? " sentence" : " sentences");
  }
  // A link such as US.html#US-LOA, from the data of a figure, chooses the instrument; so for fields and stances.
  function follow() {
    var named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!named || named.tagName !== "OPTION") return;
    choices.forEach(function (c) { c.value = named.parentElement === c ? named.value : ""; });
    apply();
    shown.scrollIntoView({ block: "center" });
  }
  document.querySelector(".filter").hidden = false;
  choices.forEach(function (c) { c.addEventListener("change", apply); });
  window.addEventListener("hashchange", follow);
  apply();
  follow();
})();
