using SparseGrid.Console.Reports.Plots;

namespace SparseGrid.Console.Reports.Html;

/// <summary>The page's style sheet and script. Neither holds &lt;, &gt; or &amp;, which HTML and XML read differently there.</summary>
internal static class PageStyle
{
    /// <summary>Folded details are opened to be printed: what is folded away is not on paper.</summary>
    public const string Script = "addEventListener('beforeprint',function(){document.querySelectorAll('details').forEach(function(d){d.open=true})});";

    private const string Rules = """
        *{box-sizing:border-box}
        html{color-scheme:light dark;-webkit-text-size-adjust:100%}
        body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
        main{max-width:74rem;margin:0 auto;padding:2rem 1.25rem 4rem}
        h1{font-size:2.1rem;line-height:1.15;margin:.1em 0 .5em;overflow-wrap:anywhere}
        h2{font-size:1.25rem;margin:2.6rem 0 .8rem;padding-bottom:.3rem;border-bottom:1px solid var(--grid)}
        h4{margin:1.4rem 0 .4rem;font-size:.95rem}
        h5{margin:.8rem 0 .3rem;font-size:.85rem;font-weight:600;color:var(--muted)}
        a{color:inherit;text-decoration-color:var(--muted);text-underline-offset:.15em}
        code{font:.85em ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;overflow-wrap:anywhere}
        .kicker{margin:0;color:var(--muted);font-size:.85rem;letter-spacing:.04em}
        .quiet{color:var(--muted);font-size:.88rem}
        .verdict{font-size:1.12rem;margin:0 0 1.2rem;padding:.8rem 1rem;border-left:4px solid var(--goal);background:var(--met);overflow-wrap:anywhere}
        .verdict.none{border-color:var(--ptq);background:none}
        .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;margin:0 0 1.2rem}
        .figures div{border:1px solid var(--grid);border-radius:.5rem;padding:.7rem .9rem}
        .figures dt{color:var(--muted);font-size:.82rem}
        .figures dd{margin:0}
        .figures .value{font-size:1.35rem;font-weight:650;line-height:1.3;overflow-wrap:anywhere}
        .asked{margin-bottom:.2rem}
        figure{margin:0 0 1.2rem}
        figure svg{display:block;width:100%;height:auto}
        .narrow{display:none}
        .point:hover{stroke:var(--ink)}
        .scroll{overflow-x:auto;max-width:100%}
        table{border-collapse:collapse;font-size:.86rem;font-variant-numeric:tabular-nums;min-width:100%}
        th{text-align:left;font-weight:600;color:var(--muted)}
        thead th{vertical-align:bottom}
        th,td{padding:.32rem .6rem .32rem 0;border-bottom:1px solid var(--grid);vertical-align:top}
        td{white-space:nowrap}
        .n{text-align:right}
        tr.best td{background:var(--met)}
        tr.best td:first-child{box-shadow:-4px 0 0 var(--goal)}
        .setting{display:inline-block;margin-right:1em;color:var(--muted)}
        .setting b,.setting code{color:var(--ink);font-weight:500}
        section details{border-bottom:1px solid var(--grid)}
        section details summary{cursor:pointer;padding:.5rem 0}
        section details summary .path{font-weight:600;margin-right:.7em;overflow-wrap:anywhere}
        section details div table td{white-space:normal}
        section details div table td:first-child,section details div table td:nth-child(2),section details div table td:nth-child(3){white-space:nowrap}
        section details[open]{padding-bottom:1rem}
        .badge{background:var(--goal);color:var(--paper);border-radius:1em;padding:.1em .7em;font-size:.78rem;margin-right:.7em}
        .facts,.note{margin:.3rem 0}
        .note{border-left:3px solid var(--ptq);padding-left:.7rem}
        .flips ul{display:flex;flex-wrap:wrap;gap:.6rem;list-style:none;margin:0;padding:0}
        .flips li{display:grid;justify-items:center;font-size:.82rem;line-height:1.25;border:1px solid var(--grid);border-radius:.4rem;padding:.35rem .45rem}
        .flips img{width:56px;height:56px;object-fit:contain;image-rendering:pixelated;background:#000}
        .flips .label{color:var(--muted)}
        .flips .label::before{content:"is "}
        .flips.lost .change{color:var(--ptq)}
        .flips.gained .change{color:var(--goal)}
        .remarks{padding-left:1.1rem;overflow-wrap:anywhere}
        .provenance{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.2rem;margin:0;font-size:.9rem}
        .provenance dt{color:var(--muted)}
        .provenance dd{margin:0;overflow-wrap:anywhere;min-width:0}
        .provenance summary{padding:0}
        @media (max-width:640px){
          main{padding:1.2rem .9rem 3rem}
          h1{font-size:1.7rem}
          .wide{display:none}
          .narrow{display:block}
          .provenance{grid-template-columns:1fr;gap:0}
          .provenance dd{margin-bottom:.6rem}
        }
        @media print{
          main{max-width:none;padding:0}
          body{font-size:11px}
          .narrow{display:none}
          .wide{display:block}
          .scroll{overflow:visible}
          h2,h4{break-after:avoid}
          figure,tr,.flips li{break-inside:avoid}
          th,td{padding-right:.4rem}
          td{white-space:normal}
        }
        """;

    /// <summary>The style sheet: light, dark where the reader's system is, and light on paper.</summary>
    public static string Text { get; } =
        $":root{{{Variables(color => color.Light)}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{Variables(color => color.Dark)}}}}}\n{Rules}";

    private static string Variables(Func<PlotColor, string> value) => string.Concat(PlotColor.All.Select(color => $"--{color.Name}:{value(color)};"));
}
