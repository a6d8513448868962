using BenchmarkDotNet.Running;
using Orrery.Micro;

var summaries = BenchmarkSwitcher.FromAssembly(typeof(MembershipBenchmarks).Assembly).Run(args);
return summaries.All(summary => summary.Reports.All(report => report.Success)) ? 0 : 1;
