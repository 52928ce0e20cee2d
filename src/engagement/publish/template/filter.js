(function () {
  var choice = document.getElementById("instrument");
  if (!choice) return;
  var shown = document.getElementById("shown");
  function apply() {
    var n = 0;
    document.querySelectorAll("main section").forEach(function (year) {
      var any = 0;
      year.querySelectorAll("li").forEach(function (sentence) {
        var fits = !choice.value || sentence.dataset.instrument === choice.value;
        sentence.hidden = !fits;
        any += fits;
      });
      year.hidden = !any;
      n += any;
    });
    shown.textContent = n + (n === 1 ? " sentence" : " sentences");
  }
  choice.parentElement.hidden = false;
  choice.addEventListener("change", apply);
  apply();
})();
