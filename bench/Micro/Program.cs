using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using Orrery.Micro;

// Also as the tests are built, to see that the benchmarks run: BenchmarkDotNet says itself that their figures are worth nothing then.
var config = DefaultConfig.Instance.WithOptions(ConfigOptions.DisableOptimizationsValidator);
var summaries = BenchmarkSwitcher.FromAssembly(typeof(MembershipBenchmarks).Assembly).Run(args, config);
return summaries.Any() && summaries.All(summary => summary.Reports.Length > 0 && summary.Reports.All(report => report.Success)) ? 0 : 1;
