Console.WriteLine("Northwind");
